"""What a probe was taught: the right answers, place by place, and the steps that followed."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tutor.facts.lab import Lab
from tutor.facts.stand_ins import Lesson, Probe
from tutor.facts.witness import Step
from tutor.facts.words import Wrong

USUAL = {"steps": 100, "batch_size": 32, "block_size": 64, "learning_rate": 6e-3, "seed": 0}
"""What train does where nothing else is asked for."""


def remark_unless_usual(lab: Lab, ids: Tensor) -> None:
    """Say so if training without options is not what it is with the usual ones."""
    lab.calls("train(model, ids) with the default values")
    plain, told = (lab.module.train(Probe(), ids, **options) for options in ({}, USUAL))
    if [round(loss, 3) for loss in plain] != [round(loss, 3) for loss in told]:
        words = ", ".join(f"{name}={value}" for name, value in USUAL.items())
        lab.remark(f"The recipe asks for train(..., {words}) as defaults.")


def expect_right_answers(called: str, lesson: Lesson, text: list[int]) -> None:
    """Expect that each place of each window taught what follows there in the text.

    The loss falls as the score of the right answer rises, and of no other: its slope shows it.
    """
    for ids, slopes in zip(lesson.ids.tolist(), lesson.gradient):
        right = successors(text, ids)
        if right is None:
            raise Wrong(called, "windows of neighbours from the text", f"the model sees {ids}")
        sizes = slopes.abs().amax(dim=1)
        taught = [
            int(place.argmin()) if size > 0.01 * sizes.max() else None
            for place, size in zip(slopes, sizes)
        ]
        for here, answer, wanted in zip(ids, taught, right):
            if answer not in (wanted, None):
                likely, expected = shift_of(taught, ids, right), f"after {here} comes {wanted}"
                raise Wrong(called, expected, f"the model is taught that it is {answer}", likely)
        if None in taught:
            got = f"nothing is learned from place {taught.index(None) + 1}"
            raise Wrong(called, f"each of the {len(ids)} places of a window counts", got)


def loss_of(lesson: Lesson, text: list[int]) -> float:
    """Return the cross-entropy of what a probe said, by what follows in the text."""
    right = [successors(text, ids) for ids in lesson.ids.tolist()]
    return float(cross_entropy(lesson.logits.flatten(0, 1), torch.tensor(right).flatten()))


def successors(text: list[int], ids: list[int]) -> list[int] | None:
    """Return the ids that follow each of a window's in a text. None if it is no window of it."""
    n = len(ids)
    places = [place for place in range(len(text) - n) if text[place : place + n] == ids]
    return text[places[0] + 1 : places[0] + 1 + n] if places else None


def shift_of(taught: list[int | None], ids: list[int], right: list[int]) -> str:
    """Say how far the answers are shifted, where all that count agree."""
    causes = {
        "the right answers are not shifted; y must start one later": ids,
        "the answers are shifted twice: y is one later already": [*right[1:], None],
        "the answers are shifted the wrong way": [None, *ids[:-1]],
    }
    for cause, answers in causes.items():
        if all(here in (None, answer) for here, answer in zip(taught, answers)):
            return cause
    return ""


def why_still(probe: Probe, steps: list[Step]) -> str:
    """Say why parameters of a probe stayed as they were, as far as it was seen."""
    if probe.incoming is None:
        return "no gradient was ever computed: backward is missing, or the graph is cut"
    if not steps:
        return "there are gradients, but no optimizer of PyTorch's takes a step"
    if not any(step.has_gradients for step in steps):
        return "the gradients are gone when the step comes: set them to zero before backward"
    if not steps[0].has_gradients:
        return "step stands before backward, so the first step has nothing to go by"
    given = {id(p) for group in steps[0].optimizer.param_groups for p in group["params"]}
    if any(id(parameter) not in given for parameter in probe.parameters()):
        return "the optimizer was not given all of model.parameters()"
    return ""


def expect_every_step(lab: Lab, called: str, steps: list[Step], n: int) -> None:
    """Expect that an optimizer of PyTorch's, if there is one, takes each of n steps once."""
    if not steps:
        return
    if not steps[0].has_gradients:
        likely = "step stands before backward, so it has nothing to go by"
        raise Wrong(called, "a first step with gradients", "a first step without any", likely)
    counts = [sum(other.optimizer is step.optimizer for other in steps) for step in steps]
    if len(steps) < n or max(counts) > n:
        called += ": how often the optimizer steps"
        raise Wrong(called, n, len(steps) if len(steps) < n else max(counts))
    if max(counts) == 1 < n:
        lab.remark(
            "train makes a new optimizer in each step. AdamW goes by what it remembers of earlier"
            " steps, so make it once, before the loop."
        )
    elif len({step.rates for step in steps}) > 1:
        rates = ", ".join(f"{step.rates[0]:.3g}" for step in steps[:3])
        lab.remark(f"The learning rate changes ({rates} ...). The recipe asks for no schedule.")
