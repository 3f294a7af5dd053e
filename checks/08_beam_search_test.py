"""Challenge 8, beam search: keep a few beginnings at a time, and choose the most likely text."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import math
import random
from functools import partial

import torch
from tutor.facts.tensors import expect_shape
from tutor.facts.words import Wrong, about, describe, expect_equal, expect_refusal, expect_type

NEAR = 2e-4  # what float32 may round
CLEAR = 5e-3  # texts whose scores are closer than this are not compared
A, B, END = 0, 1, 2


def logarithms(scores):
    """Turn scores into ln p."""
    total = math.log(sum(map(math.exp, scores)))
    return [score - total for score in scores]


class Seer(torch.nn.Module):
    """A model that scores the next token by a function of the ids so far, and keeps a record.

    Args:
        next_scores: from a list of ids to the scores of what comes next.
        vocab_size: how many scores there are.
        block_size: the longest text that it accepts.
        broken: whether it raises an error instead.
    """

    def __init__(self, next_scores, vocab_size=3, block_size=50, broken=False):
        super().__init__()
        self.config = {"vocab_size": vocab_size, "block_size": block_size}
        self.next_scores, self.broken = next_scores, broken
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.seen, self.modes, self.gradients = [], [], []

    def forward(self, ids):
        """Map (B, T) to (B, T, V)."""
        rows, block_size = ids.tolist(), self.config["block_size"]
        self.seen.append(rows)
        self.modes.append(self.training)
        self.gradients.append(torch.is_grad_enabled())
        if self.broken:
            raise RuntimeError("this model is broken")
        if ids.shape[1] > block_size:
            raise ValueError(f"T must be up to block_size {block_size}, got {ids.shape[1]}")
        scores = [[self.next_scores(row[: t + 1]) for t in range(len(row))] for row in rows]
        return torch.tensor(scores) + 0 * self.unused


def odds(table):
    """Score the next token by a table from the last id to probabilities."""
    return lambda ids: [math.log(p) for p in table[ids[-1]]]


def trap(ids):
    """Score so that the best first token leads to a bad end: .5 x .4, but .4 x .9."""
    p = {1: [0.5, 0.4, 0.1], 2: [0.4, 0.35, 0.25] if ids[-1] == A else [0.06, 0.9, 0.04]}
    return [math.log(x) for x in p[min(len(ids), 2)]]


def any_model(seed, vocab_size):
    """Score the next token by the last two ids and the length, as if at random."""

    def next_scores(ids):
        key = f"{seed} {ids[-2:]} {len(ids)}"
        chance = random.Random(key)
        return [chance.gauss(0, 1.2) for _ in range(vocab_size)]

    return next_scores


def search(next_scores, prompt, n, width, *, penalty=0.0, eos=None, block_size=50, slip=""):
    """Search just as the contract says it, slowly. A slip makes it go wrong.

    Returns:
        (ids, score) for each text, best first, and how far apart the closest two scores were.
    """
    beams, gap = [(prompt, 0.0)], math.inf

    def new(ids):
        return len(ids) - len(prompt)

    def is_finished(ids):
        return slip != "goes on" and (new(ids) > 0 or slip == "prompt") and ids[-1] == eos

    def score(beam):
        length = new(beam[0]) + {"whole": len(prompt), "eos": -is_finished(beam[0])}.get(slip, 0)
        power = {"times": -penalty, "ignored": 0.0}.get(slip, penalty)
        return beam[1] / max(length, 1) ** power

    for _ in range(n):
        candidates = [beam for beam in beams if is_finished(beam[0]) and slip != "dropped"]
        for ids, total in beams[: 1 if slip == "best only" else None]:
            if is_finished(ids):
                continue
            gains = logarithms(next_scores(ids[-block_size:]))
            if slip == "p":
                gains = [math.exp(gain) for gain in gains]
            if slip == "last":
                total = 0.0
            candidates += [([*ids, id], total + gain) for id, gain in enumerate(gains)]
        if slip == "early" and any(is_finished(ids) for ids, _ in beams):
            break
        candidates.sort(key=score, reverse=slip != "worst")
        scores = [score(beam) for beam in candidates[: width + 1]]
        gap = min([gap, *(abs(a - b) for a, b in zip(scores, scores[1:]))])
        beams = candidates[: None if slip == "all" else width] or beams
    return [(ids, score((ids, total))) for ids, total in beams[:width]], gap


SLIPS = [
    ("the worst are kept; sort from high to low", "worst"),
    ("only the best beam goes on; each one should", "best only"),
    ("probabilities are added; add their logarithms", "p"),
    ("the score is that of the last token alone; add all new ones", "last"),
    ("no beam is dropped on the way; keep the n_beams best after each step", "all"),
    ("a beam goes on behind its <eos>; it is finished there", "goes on"),
    ("finished beams are lost; they stay, and compete with the others", "dropped"),
    ("it stops when the first beam is finished; stop when all are", "early"),
    ("an <eos> in the prompt finishes a beam; only a new one does", "prompt"),
    ("the prompt is counted too; count the new tokens only", "whole"),
    ("the <eos> is not counted; it is a new token too", "eos"),
    ("the score is multiplied; divide by the length", "times"),
    ("length_penalty makes no difference", "ignored"),
]


def is_same(one, other):
    """Tell whether two lists of texts are the same, but for rounding of the scores."""
    return len(one) == len(other) and all(
        a[0] == b[0] and abs(a[1] - b[1]) < NEAR for a, b in zip(one, other)
    )


def as_lists(called, found):
    """Return what beam_search returned as lists of ids and floats, after a look at the types."""
    expect_type(called, found, list)
    for pair in found:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong(called, "a list of pairs (ids, score)", describe(found))
        expect_type(called + ": a score", pair[1], float)
        expect_shape(called + ": the ids of a text", pair[0], (1, pair[0].shape[-1]), "int64")
    return [(ids[0].tolist(), score) for ids, score in found]


def told(texts):
    """Write a few texts with their scores."""
    return "; ".join(f"{ids} {score:.2f}" for ids, score in texts) or "nothing"


def expect_texts(lab, model, prompt, n, width, *, penalty=0.0, eos=None):
    """Expect the right texts and scores, and say which rule was broken where that can be told."""
    options = {"length_penalty": penalty, "eos_id": eos}
    given = [f"{name}={value}" for name, value in options.items() if value not in (0.0, None)]
    rest = "".join(", " + text for text in given)
    called = lab.calls(f"beam_search(model, ids, {n}, n_beams={width}{rest}) with ids {prompt}")
    found = lab.module.beam_search(model, torch.tensor([prompt]), n, width, penalty, eos)
    got = as_lists(called, found)
    rules = {"penalty": penalty, "eos": eos, "block_size": model.config["block_size"]}
    right, _ = search(model.next_scores, prompt, n, width, **rules)
    if not is_same(got, right):

        def likely():
            wrong = {
                cause: search(model.next_scores, prompt, n, width, **rules, slip=slip)[0]
                for cause, slip in SLIPS
            }
            shorter = search(model.next_scores, prompt, n - 1, width, **rules)[0]
            wrong |= {"the best stands last; put it first": right[::-1]}
            wrong |= {"a token is missing; there are max_new_tokens steps": shorter}
            fits = [cause for cause, texts in wrong.items() if is_same(got, texts)]
            return "; ".join(cause for cause in fits if not is_same(wrong[cause], right))

        raise Wrong(called, told(right), told(got), likely)


def clear_models(wanted, n, width, *, penalty=0.0, eos=None, prompt=(0, 1), vocab_size=4):
    """List models for which no two texts that matter are nearly equal."""
    models, seed = [], 0
    while len(models) < wanted:
        model = Seer(any_model(seed, vocab_size), vocab_size)
        if search(model.next_scores, list(prompt), n, width, penalty=penalty, eos=eos)[1] > CLEAR:
            models.append(model)
        seed += 1
    return models


@about("log_probability")
def test_log_probability(lab):
    """The log probability of a text is the sum of ln p of its tokens"""
    table = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]]
    for ids, start, factors in [
        ([A, B], 1, [0.3]),
        ([A, B, B, END], 1, [0.3, 0.8, 0.1]),
        ([A, B, B, END], 2, [0.8, 0.1]),
        ([B, END, A, A, B, B], 3, [0.5, 0.3, 0.8]),
        ([A, B, B, END], 3, [0.1]),
        ([A, B, B], 3, []),
    ]:
        called = lab.calls(f"log_probability(model, ids, {start}) with ids {ids}")
        got = lab.module.log_probability(Seer(odds(table)), torch.tensor([ids]), start)
        right = sum(map(math.log, factors))
        causes = {
            "these are probabilities, multiplied; add their logarithms": math.prod(factors),
            "this is the mean; take the sum": right / max(1, len(factors)),
            "the sign is wrong: ln p is 0 or below": -right,
            "each token is asked about itself; ask what came before it": sum(
                math.log(table[id][id]) for id in ids[start:]
            ),
            "not the last position is used, but the first": sum(
                math.log(table[ids[0]][id]) for id in ids[start:]
            ),
        }
        expect_number(called, got, right, causes)


def expect_number(called, got, right, causes):
    """Expect a float, but for rounding."""
    expect_type(called, got, float)
    if not abs(got - right) < NEAR:
        likely = [cause for cause, wrong in causes.items() if abs(got - wrong) < NEAR]
        raise Wrong(called, f"{right:.4f}", f"{got:.4f}", "; ".join(likely))


@about("log_probability")
def test_log_probability_long(lab):
    """Each token is judged by at most the block_size ids directly before it"""
    chance = random.Random(8)
    ids = [chance.randrange(3) for _ in range(11)]
    for start, block_size in [(1, 4), (3, 4), (7, 4), (9, 2), (2, 10), (1, 1)]:
        model = Seer(any_model(3, 3), 3, block_size)
        called = lab.calls(
            f"log_probability(model, ids, {start}) with 11 ids and block_size {block_size}"
        )
        got = lab.module.log_probability(model, torch.tensor([ids]), start)
        right = sum(
            logarithms(model.next_scores(ids[max(0, place - block_size) : place]))[ids[place]]
            for place in range(start, 11)
        )
        expect_number(called, got, right, {})


@about("log_probability")
def test_log_probability_refusals(lab):
    """A start outside 1 to T is refused: nothing is known before the first token"""
    for start in (0, -1, 4, 100):
        called = f"log_probability(model, ids, {start}) with 3 ids"
        attempt = partial(lab.module.log_probability, Seer(trap), torch.tensor([[A, B, A]]), start)
        expect_refusal(called, attempt, "start is 1 to 3")


@about("beam_search")
def test_greedy(lab):
    """With one beam, the best token is taken each time: it is greedy"""
    expect_texts(lab, Seer(trap), [B], 1, 1)
    expect_texts(lab, Seer(trap), [B], 2, 1)
    for model in clear_models(3, 5, 1):
        expect_texts(lab, model, [0, 1], 5, 1)


@about("beam_search")
def test_two_beams(lab):
    """Two beams find what greedy misses: .4 x .9 is more than .5 x .4"""
    expect_texts(lab, Seer(trap), [B], 1, 2)
    expect_texts(lab, Seer(trap), [B], 2, 2)
    found = [
        lab.module.beam_search(Seer(trap), torch.tensor([[B]]), 2, width)[0] for width in (1, 2)
    ]
    shares = [math.exp(score) for _, score in found]
    lab.show(f"Greedy finds a text of {shares[0]:.2f}, two beams one of {shares[1]:.2f}")


@about("beam_search")
def test_many_beams(lab):
    """After each step, the n_beams best of all continuations go on"""
    for width in (2, 3, 5):
        for model in clear_models(2, 4, width):
            expect_texts(lab, model, [0, 1], 4, width)
    model = clear_models(1, 5, 4, prompt=[2])[0]
    expect_texts(lab, model, [2], 5, 4)
    called = lab.calls("beam_search(model, ids, 5): how many texts, if n_beams is not said")
    expect_equal(called, len(lab.module.beam_search(model, torch.tensor([[2]]), 5)), 4)


@about("beam_search")
def test_fewer(lab):
    """Where fewer texts exist than n_beams, all of them come"""
    for n, width in [(1, 4), (1, 10), (2, 16), (2, 30), (3, 64)]:
        for model in clear_models(1, n, width):
            expect_texts(lab, model, [0, 1], n, width)
    wide = any_model(7, 2)
    texts = [[1, a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    called = lab.calls("beam_search(model, ids, 3, n_beams=8), 2 tokens in the vocabulary")
    found = lab.module.beam_search(Seer(wide, 2), torch.tensor([[1]]), 3, 8)
    got = sorted(ids for ids, _ in as_lists(called, found))
    expect_equal(called + ": the texts, in order", got, texts)


@about("beam_search")
def test_eos(lab):
    """A beam ends with its first new <eos>, which stays in the ids"""
    for n, width in [(1, 2), (3, 1), (4, 2), (5, 3), (3, 40)]:
        for model in clear_models(2, n, width, eos=2):
            expect_texts(lab, model, [0, 1], n, width, eos=2)
    model = clear_models(1, 3, 2, eos=2, prompt=[2, 0, 2])[0]
    expect_texts(lab, model, [2, 0, 2], 3, 2, eos=2)
    model = clear_models(1, 4, 3, eos=0, prompt=[1, 0])[0]
    expect_texts(lab, model, [1, 0], 4, 3, eos=0)


@about("beam_search")
def test_finished(lab):
    """A finished beam stays and competes, and the others go on until all are finished"""
    slow = odds([[0.6, 0.12, 0.28], [0.11, 0.58, 0.31], [0.3, 0.3, 0.4]])
    for n, width in [(2, 2), (4, 2), (4, 3), (6, 3)]:
        expect_texts(lab, Seer(slow), [A, B, A], n, width, eos=END)
    at_once = odds([[0.005, 0.015, 0.98]] * 3)
    model = Seer(at_once)
    expect_texts(lab, model, [A], 5, 1, eos=END)
    if len(model.seen) > 1:
        called = "beam_search(model, ids, 5, n_beams=1, eos_id=2), where <eos> comes at once"
        raise Wrong(called, "1 step, then all beams are finished", f"{len(model.seen)} steps")


@about("beam_search")
def test_length_penalty(lab):
    """A score is divided by the number of new tokens, to the power of length_penalty"""
    for penalty in (1.0, 0.6, 2.0, -1.0):
        for model in clear_models(2, 4, 3, penalty=penalty, eos=2):
            expect_texts(lab, model, [0, 1], 4, 3, penalty=penalty, eos=2)
        model = clear_models(1, 3, 2, penalty=penalty)[0]
        expect_texts(lab, model, [0, 1], 3, 2, penalty=penalty)
    short_or_long = odds([[0.09, 0.5, 0.41], [0.04, 0.85, 0.11], [0.3, 0.3, 0.4]])
    for penalty in (0.0, 1.0):
        expect_texts(lab, Seer(short_or_long), [A, B, A], 4, 3, penalty=penalty, eos=END)


@about("beam_search")
def test_crop(lab):
    """The model sees the last block_size tokens, and nothing of the text is lost"""
    for prompt, block_size in [([0, 1, 2, 0, 1], 3), ([1, 2], 3), ([1, 2, 0], 3), ([2, 1], 1)]:
        seed, gap = 0, 0.0
        while gap < CLEAR:
            seed += 1
            scores = any_model(seed, 3)
            gap = search(scores, prompt, 4, 2, block_size=block_size)[1]
        expect_texts(lab, Seer(scores, 3, block_size), prompt, 4, 2)


@about("beam_search", "log_probability")
def test_modes(lab):
    """The model is used in eval mode, without gradients; both come back, after an error too"""
    ids = torch.tensor([[A, B, A]])
    for name, use in {
        "beam_search(model, ids, 2)": lambda model: lab.module.beam_search(model, ids, 2),
        "log_probability(model, ids, 1)": lambda model: lab.module.log_probability(model, ids, 1),
    }.items():
        for training, mode in {True: "train mode", False: "eval mode"}.items():
            model = Seer(trap).train(training)
            called = lab.calls(f"{name} with a model in {mode}")
            use(model)
            expect_equal(called + ": in train mode when it is asked", any(model.modes), False)
            expect_equal(called + ": gradients are kept", any(model.gradients), False)
            expect_equal(called + ": in train mode afterwards", model.training, training)
            expect_equal(called + ": gradients on afterwards", torch.is_grad_enabled(), True)
        broken = Seer(trap, broken=True).train()
        try:
            use(broken)
        except RuntimeError:
            pass
        called = f"{name} with a model that raises an error"
        gradients = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        expect_equal(called + ": in train mode afterwards", broken.training, True)
        expect_equal(called + ": gradients on afterwards", gradients, True)


@about("beam_search")
def test_refusals(lab):
    """No beam, no new token or no prompt is refused"""

    def attempt(ids, n, width):
        return partial(lab.module.beam_search, Seer(trap), torch.tensor([ids]).long(), n, width)

    for width in (0, -2):
        called = f"beam_search(model, ids, 3, n_beams={width})"
        expect_refusal(called, attempt([A], 3, width), "there is 1 beam at least")
    for n in (0, -1):
        called = f"beam_search(model, ids, {n}, n_beams=2)"
        expect_refusal(called, attempt([A], n, 2), "there is 1 new token at least")
    called = "beam_search(model, ids, 3, n_beams=2) with no ids, of shape (1, 0)"
    expect_refusal(called, attempt([], 3, 2), "there is nothing to continue")


@about("beam_search")
def test_nothing_changes(lab):
    """Nothing is random, and what the caller passes in stays as it was"""
    model, ids = clear_models(1, 4, 3)[0], torch.tensor([[0, 1]])
    before = torch.get_rng_state()
    called = lab.calls("beam_search(model, ids, 4, n_beams=3)")
    first, second = (
        as_lists(called, lab.module.beam_search(model, ids, 4, n_beams=3)) for _ in range(2)
    )
    expect_equal(called + " twice: the same texts", first == second, True)
    expect_equal("the caller's ids after that", ids.tolist(), [[0, 1]])
    lab.module.log_probability(model, ids, 1)
    same = torch.equal(before, torch.get_rng_state())
    expect_equal("PyTorch's global random numbers are untouched", same, True)


@about("beam_search", "log_probability", needs=("transformer",))
def test_real_model(lab):
    """It works with a MiniGPT, and both functions agree about a text"""
    torch.manual_seed(8)
    size = {"vocab_size": 6, "n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 5}
    model = lab.other("transformer").MiniGPT(**size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    ids = torch.tensor([[1, 2, 3]])
    called = lab.calls("beam_search(MiniGPT(...), ids, 4, n_beams=3)")
    found = lab.module.beam_search(model, ids, 4, n_beams=3)
    got = as_lists(called, found)
    expect_equal(called + ": how many texts", len(got), 3)
    for text, score in found:
        expect_shape(called + ": the ids of a text", text, (1, 7), "int64")
        called = lab.calls("log_probability(MiniGPT(...), ids, 3) of a text that it found")
        expect_number(called, lab.module.log_probability(model, text, 3), score, {})
    remark_on_calls(lab)


def remark_on_calls(lab):
    """Say it where the model is asked about each beam alone."""
    model = Seer(any_model(1, 4), 4)
    lab.module.beam_search(model, torch.tensor([[0, 1]]), 3, n_beams=4)
    if len(model.seen) > 4:
        lab.remark(
            f"The model was asked {len(model.seen)} times in 3 steps. All beams of a step fit into"
            " one batch, which is faster."
        )
