"""Is my loss normal? What the evidence of a training means, in words.

For tiny Shakespeare, the losses are compared with those of trainings that went well. Any other
text is compared with what simple guesses cost on it. And the model itself is asked a few questions.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

from mini_gpt.support.training.evidence import Evidence

BAND = Path(__file__).with_name("shakespeare_band.json")
ROUNDING = 1e-3
"""Guesses that move less than this have not moved."""
EARLY_DAYS = 250
"""Before so many steps, a model need not be better than letter pairs."""

Rule = Callable[[Evidence], str | None]


def is_a_number(seen: Evidence) -> str | None:
    """Find steps that were so large that the numbers ran away."""
    if any(not math.isfinite(loss) for _, *losses in seen.history for loss in losses):
        return "The loss is not a number any more. The steps are too large: lower --learning-rate."
    return None


def looks_ahead(seen: Evidence) -> str | None:
    """Find a mask that lets a token see what comes after it."""
    if seen.ahead > ROUNDING:
        return (
            "The model sees what it shall guess: a letter that comes later changes the guesses "
            "before it. Look at the mask in transformer.py, and how the heads are joined."
        )
    return None


def looks_across(seen: Evidence) -> str | None:
    """Find texts of a batch that look at one another."""
    if seen.across > ROUNDING:
        return (
            "The texts of a batch look at one another: changing one moves the guesses of "
            "another. Look at each view and transpose in transformer.py."
        )
    return None


def is_copied(seen: Evidence) -> str | None:
    """Find unseen text that is none."""
    if seen.copied >= 0.2:
        return (
            f"{seen.copied:.0%} of the unseen text stands in the training text too, word for word, "
            "so its loss does not tell what was understood. Does your text repeat itself, or does "
            "split hand out the same part twice?"
        )
    return None


def is_unknown(seen: Evidence) -> str | None:
    """Find a tokenizer that does not know its own text."""
    if seen.unknown > 0.001:
        return f"{seen.unknown:.1%} of the text is <unk>: the tokenizer misses some letters."
    return None


def stands_still(seen: Evidence) -> str | None:
    """Find parameters that nobody trains."""
    if seen.still:
        names = ", ".join(seen.still[:3]) + (", ..." if len(seen.still) > 3 else "")
        return (
            f"{len(seen.still)} of the parameters never moved: {names}. Nothing of the loss "
            "reaches them: look for requires_grad, detach, or a layer that forward does not use."
        )
    return None


def knows_no_places(seen: Evidence) -> str | None:
    """Find a model without positions."""
    if seen.places < ROUNDING:
        return (
            "The model cannot tell places apart: along a text of one letter, all its guesses "
            "are the same. Is the position embedding added?"
        )
    return None


def learned_nothing(seen: Evidence) -> str | None:
    """Find a model that knows no more than how often letters come."""
    val_loss, letters = seen.history[-1][2], list(seen.easy.values())[1]
    if val_loss > seen.easy["even guess"] * 1.02:
        return (
            "It does worse on unseen text than an even guess. Does each batch hold other windows, "
            "and are the answers the next letters?"
        )
    if val_loss > 0.98 * letters and seen.history[-1][0] >= 50:
        return (
            f"It has learned no more than how often each letter comes ({letters:.2f}). Are the "
            "answers in the right order, and is --learning-rate neither tiny nor huge?"
        )
    return None


def is_no_better_than_pairs(seen: Evidence) -> str | None:
    """Find a model that makes nothing of the text before the last letter."""
    step, train_loss, val_loss = seen.history[-1]
    pairs = list(seen.easy.values())[2]
    if step >= EARLY_DAYS and min(train_loss, val_loss) > pairs:
        return (
            f"After {step:,} steps it does no better than somebody who knows only the letter "
            f"before ({pairs:.2f}). Does attention reach back, and is --learning-rate normal?"
        )
    return None


def makes_nothing_of_context(seen: Evidence) -> str | None:
    """Find a model to which many letters tell no more than one."""
    if seen.history[-1][0] >= EARLY_DAYS and seen.early - seen.late < 0.1:
        return (
            f"With many letters before it, it guesses hardly better ({seen.late:.2f}) than with "
            f"one ({seen.early:.2f}). Does attention hand over what it found?"
        )
    return None


def is_too_good(seen: Evidence) -> str | None:
    """Find a loss that no model of this size can reach."""
    val_loss, best = seen.history[-1][2], min(seen.easy.values())
    if val_loss < 0.8 * best:
        return (
            f"That is too good: counting pieces of six letters costs {best:.2f}. Does the model "
            "see the answer, or is the unseen text not unseen?"
        )
    return None


def learned_by_heart(seen: Evidence) -> str | None:
    """Find a training that went on long after its best look."""
    _, train_loss, val_loss = seen.history[-1]
    best = min(look[2] for look in seen.history)
    if val_loss > 1.2 * best and train_loss < best:
        return (
            f"It learns by heart: the loss on unseen text was {best:.2f}, and is {val_loss:.2f}. "
            "The weights of the best look are kept. Use a longer text, a smaller model or fewer "
            "steps. If your text is long: does each batch hold other windows?"
        )
    return None


RULES: tuple[Rule, ...] = (
    is_a_number,
    looks_ahead,
    looks_across,
    is_copied,
    is_unknown,
    stands_still,
    knows_no_places,
    learned_nothing,
    is_no_better_than_pairs,
    makes_nothing_of_context,
    is_too_good,
    learned_by_heart,
)


def outside(seen: Evidence, band: dict) -> Iterator[str]:
    """Tell which looks are outside of what was measured: the losses of some trainings, widened.

    Args:
        seen: the evidence of a training on the same text, with the same options.
        band: "seeds", how many trainings it comes from. "looks", from a step to the lowest and
            the highest training loss, and both for unseen text.
    """
    for step, *losses in seen.history:
        limits = band["looks"].get(str(step))
        if limits is None or (seen.steps != band["steps"] and step > seen.steps // 2):
            continue  # nobody measured this step, or the rate went another way there
        names = ("training text", "unseen text")
        for name, loss, low, high in zip(names, losses, limits[::2], limits[1::2]):
            if not low <= loss <= high:
                where = f"At step {step:,} the loss on the {name} was {loss:.2f}"
                went = f"of {band['seeds']} trainings that went well"
                yield f"{where}; {went}, {low:.2f} to {high:.2f}."


def judge(seen: Evidence, band: dict | None) -> list[str]:
    """Return all that is not normal, the surest first. An empty list means that all is well.

    Args:
        seen: the evidence.
        band: what is normal for this text and these options, if somebody measured it.
    """
    found = [text for rule in RULES if (text := rule(seen))]
    return found + (list(outside(seen, band))[:1] if band else [])


def band_for(training, ids_file: Path) -> dict | None:
    """Return what is normal for this text and these options. None if nobody measured it."""
    band = json.loads(BAND.read_text(encoding="utf-8"))
    options = vars(training.options)
    same = ids_file.stat().st_size == 2 * band["ids"] and training.model.config == band["config"]
    if not same or any(options[name] != value for name, value in band["options"].items()):
        return None
    is_it = hashlib.sha256(ids_file.read_bytes()).hexdigest() == band["ids_sha256"]
    return band if is_it else None


def tell(seen: Evidence, found: list[str]) -> str:
    """Say the verdict, and what it is compared with."""
    lines = ["Is my loss normal?"]
    easy = ", ".join(f"{name} {cost:.2f}" for name, cost in seen.easy.items())
    val_loss = seen.history[-1][2]
    lines += [f"  What is easy on this text costs, in nats: {easy}."]
    lines += [f"  Your model: {val_loss:.2f}, or {val_loss / math.log(2):.2f} bits a character."]
    lines += [f"  ❗ {text}" for text in found]
    return "\n".join(lines if found else [*lines, "  ✅ Yes: nothing unusual was seen."])
