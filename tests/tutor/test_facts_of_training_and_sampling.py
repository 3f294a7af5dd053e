"""Green means right, in loops 3 and 4: what is wrong fails, and what is free passes."""

import gc
import weakref

import pytest
import torch
from tutor.facts.lab import Lab
from tutor.facts.stand_ins import Probe
from tutor.finding.time_limit import TimeLimit
from tutor.running.source import read

from mini_gpt.loops import loop_with
from mini_gpt.paths import ROOT
from tests.running import first_failure, loaded, modules_as_before, words_of

LOSS = "cross_entropy(logits.flatten(0, 1), y.to(device).flatten())"
IN = "            "
CLEAR, BACK, STEP = "optimizer.zero_grad()\n", "loss.backward()\n", "optimizer.step()\n"
LEARN = CLEAR + IN + BACK + IN + STEP
DRAW = "torch.softmax(logits / temperature, dim=-1)"
CONTEXT = "model(ids[:, -block_size:])"
WORDS = "generate(model, ids, 1, temperature"

# Each mistake: the module, the text in the reference, what stands there instead, and a few words
# of the report on it: of what was expected, what came out, what is likely, or of the place.
MISTAKES = {
    "63 of 64 places": (
        "trainer",
        LOSS,
        "cross_entropy(logits[:, :-1].flatten(0, 1), y[:, :-1].flatten())",
        "nothing is learned from place 11",
    ),
    "an id is ignored": ("trainer", LOSS, LOSS[:-1] + ", ignore_index=0)", "nothing is learned"),
    "shifted twice": (
        "trainer",
        LOSS,
        "cross_entropy(logits[:, :-1].flatten(0, 1), y[:, 1:].flatten())",
        "shifted twice",
    ),
    "cleared too late": (
        "trainer",
        LEARN,
        BACK + IN + CLEAR + IN + STEP,
        "the gradients are gone when the step comes",
    ),
    "step before backward": (
        "trainer",
        LEARN,
        STEP + IN + CLEAR + IN + BACK,
        "step stands before backward",
    ),
    "two steps": (
        "trainer",
        LEARN,
        LEARN + IN + STEP,
        "how often the optimizer steps",
    ),
    "a mean of losses": (
        "trainer",
        "losses.append(loss.item())",
        "losses.append((sum(losses) + loss.item()) / (len(losses) + 1))",
        "the cross-entropy of each batch",
    ),
    "one batch for all": (
        "trainer",
        "get_batch(ids, batch_size, block_size, generator)\n            logits",
        "get_batch(ids, batch_size, block_size, generator.manual_seed(seed))\n            logits",
        "always the same",
    ),
    "seeded for everyone": (
        "trainer",
        "    losses = []\n",
        "    losses = []\n    import random\n\n    random.seed(seed)\n",
        "global random numbers",
    ),
    "a pickled tokenizer": (
        "trainer",
        '"vocab": list(tokenizer.vocab)',
        '"vocab": tokenizer',
        'it holds a CharTokenizer under "vocab"',
    ),
    "copied over": (
        "trainer",
        "os.replace(temporary, path)",
        "path.write_bytes(temporary.read_bytes())",
        "written over",
    ),
    "divided twice": (
        "sampler",
        DRAW,
        "torch.softmax(logits / temperature / min(1, temperature), dim=-1)",
        "divided by it twice",
    ),
    "forgets all but the newest": (
        "sampler",
        CONTEXT,
        "model(ids[:, -block_size:] if _ == 0 else ids[:, -1:])",
        "the newest one only",
    ),
    "words from the last word": (
        "sampler",
        f"ids = {WORDS}, generator=generator)",
        "ids = torch.cat([ids, generate(model, ids[:, -9:], 1, temperature)[:, -1:]], dim=1)",
        "tick tock",
    ),
    "divided by 0": ("sampler", "if temperature == 0:", "if False:", "a way of its own"),
    "hidden by 0": ("sampler", 'float("-inf")', "1e-10", "hide them with -inf"),
    "train mode left on": (
        "sampler",
        "    return text.rstrip()",
        "    model.train()\n    return text.rstrip()",
        "the model stays in eval mode",
    ),
    "a letter forgotten": (
        "sampler",
        "words_wanted = len(text.split()) + n_words",
        "words_wanted = len(text[:-1].split()) + n_words",
        "how many words more",
    ),
    "a generator for all": (
        "sampler",
        "    # Without any warmth",
        "    generator = generator or torch.Generator().manual_seed(1)\n    # Without any warmth",
        "different ids",
    ),
    "five words": ("sampler", "n_words: int = 10", "n_words: int = 5", "how many words"),
    "spaces lost": (
        "sampler",
        "return text.rstrip()",
        'return " ".join(text.split())',
        "our  pond red hen",
    ),
}
REMARKS = {
    "other_defaults": ("seed: int = 0", "seed: int = 1", "seed=0"),
    "short_texts": ("if len(ids) < block_size + 1:", "if len(ids) < 0:", "too few for a window"),
    "steps_below_0": ("if steps < 1:", "if steps == 0:", "steps=-1"),
    "part_of_a_model": (
        'load_state_dict(checkpoint["weights"])',
        'load_state_dict(checkpoint["weights"], strict=False)',
        "lacks a part",
    ),
    "rate_that_falls": (
        "            optimizer.step()",
        '            optimizer.step()\n            optimizer.param_groups[0]["lr"] *= 0.99',
        "no schedule",
    ),
    "steps from 0": ("on_step(step, losses[-1])", "on_step(step - 1, losses[-1])", "from 0"),
    "no steps": (
        "    if steps < 1:\n",
        "    if False:\n",
        "train(model, ids, steps=0) is taken without a word",
    ),
    "optimizer anew": (
        IN + CLEAR,
        f"{IN}optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)\n{IN}{CLEAR}",
        "a new optimizer in each step",
    ),
    "silent": (
        "    finally:\n        # Leave nothing",
        "    except OSError:\n        pass\n    finally:\n        # Leave nothing",
        "so nobody knows",
    ),
    "far away": (
        'path.with_name(path.name + ".tmp")',
        'Path(__import__("tempfile").mkdtemp()) / "new"',
        "If that is another disk",
    ),
    "a look at the model": (
        f"{IN}# Guess:",
        f"{IN}model.eval()\n{IN}with torch.no_grad():\n{IN}    model(torch.zeros(1, 7).long())\n"
        f"{IN}model.train()\n{IN}# Guess:",
        "",
    ),
    "ids as a list": (
        "    was_training",
        "    ids = torch.as_tensor(ids).tolist()\n    was_training",
        "",
    ),
}


@pytest.fixture
def run(tmp_path):
    """A function that runs the quick facts on a changed reference, in a learner's place.

    It returns the first failure, or else None, and all remarks.
    """

    def run_changed(name, *changes):
        text = (ROOT / "scaffolds" / "reference" / f"{name}.py").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        loop, source, limit = loop_with(name), read(path), TimeLimit()
        with modules_as_before():
            lab = Lab(loaded(loop, source, limit))
            failure = first_failure(loop, source, lab, limit, trains=False)
            lab.close()
        return failure, lab.remarks

    return run_changed


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_fails(run, mistake):
    """A mistake fails, and the report says what is wrong."""
    name, old, new, says = MISTAKES[mistake]
    failure, _ = run(name, (old, new))
    assert failure is not None
    assert says in words_of(failure)


@pytest.mark.parametrize("case", REMARKS)
def test_what_is_free_passes(run, case):
    """What the contract leaves free passes, with a remark where the recipe asks for more."""
    old, new, says = REMARKS[case]
    failure, remarks = run("trainer", (old, new))
    assert failure is None
    assert len(remarks) == bool(says) and says in "".join(remarks)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("for _ in range(n_words * LONGEST_WORD):", "while True:", "makes no space"),
        ("temperature: float = 0.8,", "temperature: float = 1.0,", "temperature=0.8"),
        ("temperature: float = 1.0,", "temperature: float = 0.9,", "temperature=1.0, top_k=None"),
    ],
)
def test_what_is_free_in_a_sampler_is_a_remark(run, old, new, says):
    """What only the recipe asks for is free, but who has it otherwise is told."""
    failure, remarks = run("sampler", (old, new))
    assert (failure, len(remarks)) == (None, 1) and says in remarks[0]


def test_place_is_the_helper(run):
    """Where only top_k fails, the function that is called for it alone is named."""
    helper = "def hide(logits, worst):\n    return logits.masked_fill(logits < worst, 0.0)\n\n\n"
    failure, _ = run(
        "sampler",
        ("def choose_next(", helper + "def choose_next("),
        ('logits.masked_fill(logits < kth_best, float("-inf"))', "hide(logits, kth_best)"),
    )
    assert failure.problem.place.function == "hide"


def test_a_probe_is_forgotten():
    """What a probe has seen does not stay in memory: a search makes thousands of them"""
    probe = Probe()
    probe(torch.tensor([[1, 2]])).sum().backward()
    assert probe.lessons and probe.left_over
    gone = weakref.ref(probe)
    del probe
    gc.collect()
    assert gone() is None
