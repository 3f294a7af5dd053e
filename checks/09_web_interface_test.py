"""Challenge 9, the web interface: your model on a page, for a friend to try."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import itertools
import math
from functools import partial

import torch
from tutor.facts import pages
from tutor.facts.stand_ins import make_fake
from tutor.facts.tensors import are_near
from tutor.facts.words import Wrong, about, describe, expect_equal, expect_refusal, expect_type

NEAR = 1e-4  # what float32 may round
SURE = 30.0  # so far ahead is the best score that nothing else is ever drawn
DRAWS = 400
A, B, C, SPACE = 3, 4, 5, 6
NEEDS = ("sampler",)
SPECIAL = ["<pad>", "<unk>", "<eos>"]


class Letters:
    """A tokenizer that knows `a`, `b`, `c` and the space."""

    vocab = [*SPECIAL, *"abc "]
    vocab_size = len(vocab)

    def encode(self, text):
        """Return one id for each character, 1 for an unknown one."""
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        return [self.vocab.index(letter) if letter in "abc " else 1 for letter in text]

    def decode(self, ids):
        """Turn ids back into text, special tokens by name."""
        return "".join(self.vocab[int(id)] for id in ids)


class Halves:
    """A tokenizer that makes two tokens of each é, and one of each a. One half is no character."""

    vocab = [*SPECIAL, "a", b"\xc3", b"\xa9"]
    vocab_size = len(vocab)

    def encode(self, text):
        """Return the ids of a text of a and é."""
        return [id for letter in text for id in ([3] if letter == "a" else [4, 5])]

    def decode(self, ids):
        """Turn ids back into text: halves that do not fit become U+FFFD."""
        parts = [self.vocab[int(id)] for id in ids]
        data = b"".join(p if isinstance(p, bytes) else p.encode("utf-8") for p in parts)
        return data.decode("utf-8", errors="replace")


def scores_of(shares, vocab_size):
    """Turn a dictionary from ids to probabilities into scores, far below for all other ids."""
    return [math.log(shares[id]) if id in shares else -50.0 for id in range(vocab_size)]


def always(shares, vocab_size=7, block_size=20):
    """Make a model that expects always the same."""
    return make_fake(lambda ids: scores_of(shares, vocab_size), vocab_size, block_size)


def counting(block_size=20):
    """Make a model that is sure: after a comes b, after b comes c, then a space, and a again."""

    def next_scores(ids):
        after = {A: B, B: C, C: SPACE}.get(ids[-1], A)
        return [SURE * (id == after) for id in range(7)]

    return make_fake(next_scores, 7, block_size)


def expect_list(lab, model, tokenizer, text, right, *, n=None, causes=()):
    """Expect the right tokens and probabilities of next_characters."""
    given = "" if n is None else f", n={n}"
    called = lab.calls(f"next_characters(model, tokenizer, {describe(text)}{given})")
    options = {} if n is None else {"n": n}
    got = lab.module.next_characters(model, tokenizer, text, **options)
    expect_type(called, got, list)
    for pair in got:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong(called, "a list of pairs (token, probability)", describe(got))
        expect_type(f"{called}: a token", pair[0], str)
        likely = ".item() or .tolist() makes a number of a tensor"
        if not isinstance(pair[1], float):
            got = f"{describe(pair[1])}, a {type(pair[1]).__name__}"
            raise Wrong(f"{called}: a probability", "a float", got, likely)
    if not is_same(got, right):
        likely = [cause for cause, wrong in dict(causes).items() if is_same(got, wrong)]
        raise Wrong(called, told(right), told(got), *likely[:1])


def is_same(got, right):
    """Tell whether tokens are the same, and probabilities but for rounding."""
    return len(got) == len(right) and all(
        mine[0] == yours[0] and abs(mine[1] - yours[1]) < NEAR for mine, yours in zip(got, right)
    )


def told(pairs):
    """Write pairs with rounded probabilities."""
    shown = [f"({token!r}, {share:.3f})" for token, share in pairs[:6]]
    return ", ".join(shown + ["..."] * (len(pairs) > 6)) or "nothing"


@about("next_characters")
def test_most_likely(lab):
    """The most likely next characters come first, each with its probability"""
    shares = [0.03, 0.01, 0.02, 0.25, 0.4, 0.2, 0.09]
    model = always(dict(enumerate(shares)))
    in_order = list(zip(Letters.vocab, shares))
    right = sorted(in_order, key=lambda pair: -pair[1])
    for n in (3, 2, 1):
        causes = {
            "these are scores; softmax makes probabilities of them": [
                (token, math.log(share)) for token, share in right[:n]
            ],
            "the least likely come first; sort from high to low": right[::-1][:n],
            "the largest stands last; turn the order round": right[:n][::-1],
            "these are the first of the vocabulary, not the most likely": in_order[:n],
        }
        expect_list(lab, model, Letters(), "cab", right[:n], n=n, causes=causes)


@about("next_characters")
def test_end_of_text(lab):
    """What comes next depends on the end of the text, up to block_size tokens of it"""

    def by_all(ids):
        total = sum((place + 1) * id for place, id in enumerate(ids)) % 4
        return scores_of({A + total: 0.7, A + (total + 1) % 4: 0.3}, 7)

    for text, block_size in [("a", 8), ("ab", 8), ("abc cab", 8), ("abc cab abc", 4), ("cab", 3)]:
        ids = Letters().encode(text)[-block_size:]
        model = make_fake(by_all, 7, block_size)
        shares = [math.exp(score) for score in by_all(ids)]
        best = sorted(range(7), key=lambda id: -shares[id])[:2]
        right = [(Letters.vocab[id], shares[id]) for id in best]
        expect_list(lab, model, Letters(), text, right, n=2)


@about("next_characters")
def test_how_many(lab):
    """Ten are listed if nothing is said, and all of a smaller vocabulary"""
    shares = {id: (id + 1) / 28 for id in range(7)}
    every = [(Letters.vocab[id], shares[id]) for id in range(6, -1, -1)]
    for n in (7, 8, 100, None):
        expect_list(lab, always(shares), Letters(), "a", every, n=n)
    many = Letters()
    many.vocab = [*SPECIAL, *"abc ", *"defghijkl"]
    wide = {id: (id + 1) / 136 for id in range(16)}
    right = [(many.vocab[id], wide[id]) for id in range(15, 5, -1)]
    expect_list(lab, always(wide, 16), many, "a", right)


@about("next_characters")
def test_any_tokenizer(lab):
    """Tokens are written as the tokenizer writes them, and unknown characters are no trouble"""
    shares = {1: 0.6, 2: 0.3, SPACE: 0.1}
    right = [("<unk>", 0.6), ("<eos>", 0.3), (" ", 0.1)]
    expect_list(lab, always(shares), Letters(), "Q?é", right, n=3)
    halves = make_fake(lambda ids: scores_of({4: 0.6, 3: 0.4}, 6), 6, 20)
    right = [("\ufffd", 0.6), ("a", 0.4)]
    expect_list(lab, halves, Halves(), "aé", right, n=2)


@about("next_characters")
def test_modes_of_next(lab):
    """next_characters uses eval mode and no gradients; both come back, after an error too"""

    def use(model):
        lab.module.next_characters(model, Letters(), "a")

    expect_modes(lab, "next_characters(model, tokenizer, 'a')", use)


def expect_modes(lab, name, use):
    """Expect the right modes of a model in train mode, of one in eval mode, and of a broken one."""
    for training in (True, False):
        mode = "train mode" if training else "eval mode"
        expect_mode(lab, f"{name}, model in {mode}", use, counting().train(training))
    model = counting().train()
    model.forward = broken
    expect_mode(lab, f"{name}, with a model that raises an error", use, model)


def broken(ids):
    """Raise what a broken model raises."""
    raise RuntimeError("this model is broken")


def expect_mode(lab, called, use, model):
    """Expect eval mode and no gradients in use, and the old mode afterwards."""
    training = model.training
    try:
        use(model)
    except RuntimeError as error:
        if "this model is broken" not in str(error):
            raise
    on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    lab.calls(called)
    expect_equal(f"{called}: in train mode when it is asked", any(model.modes), False)
    expect_equal(f"{called}: gradients are kept", any(model.gradients), False)
    expect_equal(f"{called}: in train mode afterwards", model.training, training)
    expect_equal(f"{called}: gradients on afterwards", on, True)


@about("next_characters")
def test_refusals_of_next(lab):
    """An empty text has no next character, and fewer than one cannot be listed"""
    for text, n, why in [
        ("", 3, "there is nothing to go on from"),
        ("a", 0, "nobody asks for less than 1"),
        ("a", -2, "nobody asks for less than 1"),
    ]:
        called = lab.calls(f'next_characters(model, tokenizer, "{text}", n={n})')
        attempt = partial(lab.module.next_characters, counting(), Letters(), text, n=n)
        expect_refusal(called, attempt, why)


def start(lab, model, prompt, n, tokenizer=None, **options):
    """Begin a stream. Returns it, and how it was called."""
    rest = "".join(f", {name}={value}" for name, value in options.items())
    called = lab.calls(f"stream(model, tokenizer, {describe(prompt)}, {n}{rest})")
    texts = lab.module.stream(model, tokenizer or Letters(), prompt, n, **options)
    if not hasattr(texts, "__next__"):
        likely = "yield, in place of return, hands out one text after the other"
        got = describe(texts) if texts is not None else "None"
        raise Wrong(called, "an iterator, to take one text after the other", got, likely)
    return texts, called


def grown(lab, model, prompt, n, tokenizer=None, **options):
    """Return all texts of a stream. The prompt alone may come first, before anything is added."""
    tokenizer = tokenizer or Letters()
    texts, called = start(lab, model, prompt, n, tokenizer, **options)
    texts = list(itertools.islice(texts, n + 10))
    for text in texts:
        expect_type(f"{called}: what it hands out", text, str)
    begin = tokenizer.decode(tokenizer.encode(prompt))
    return (texts[1:] if len(texts) > n and texts[0] == begin else texts), called


def expect_texts(lab, model, prompt, right, **options):
    """Expect that a stream hands out these texts."""
    got, called = grown(lab, model, prompt, len(right), **options)
    if got == right:
        return
    begin = Letters().decode(Letters().encode(prompt))
    n = len(right)
    causes = {
        "the new character alone comes each time; hand out the whole text so far": [
            text[-1:] for text in right
        ],
        "the prompt is missing; hand out the whole text so far": [t[len(begin) :] for t in right],
        "the prompt is shown as it was typed; decode its ids, so that unknown ones can be seen": [
            prompt + text[len(begin) :] for text in right
        ],
        "only the whole text comes, at the end; yield inside the loop": right[-1:],
        "the text comes before the new character; yield it after that": [begin, *right[:-1]],
        "a character too many comes": [*got[:n], *got[n:]] if got[:n] == right else [],
        "the last character is missing": right[:-1],
        "every text holds all texts before it; hand out the ids of one text": [
            "".join(right[: k + 1]) for k in range(n)
        ],
    }
    likely = [cause for cause, wrong in causes.items() if wrong == got and got]
    raise Wrong(called, right, got, *likely[:1])


def following(prompt, n):
    """Return the n texts that the counting model makes of a prompt."""
    text, texts = Letters().decode(Letters().encode(prompt)), []
    for _ in range(n):
        text += {"a": "b", "b": "c", "c": " "}.get(text[-1], "a")
        texts.append(text)
    return texts


@about("stream", needs=NEEDS)
def test_grows(lab):
    """The text so far comes again after each new token"""
    for prompt, n in [("ab", 6), ("cab ", 5), ("a", 3), ("c", 1)]:
        expect_texts(lab, counting(), prompt, following(prompt, n), temperature=0)
    texts, called = grown(lab, counting(), "a", 0, temperature=0)
    expect_equal(f"{called}: how many texts", len(texts), 0)


@about("stream", needs=NEEDS)
def test_as_the_tokenizer_writes(lab):
    """Unknown characters appear as <unk>, and a character of two tokens as a whole"""
    for prompt in ("Za", "aZZb", "Z"):
        expect_texts(lab, counting(), prompt, following(prompt, 3), temperature=0)
    next_of = {3: 4, 4: 5, 5: 3}  # an a, the two halves of an é, and again
    model = make_fake(lambda ids: [SURE * (id == next_of[ids[-1]]) for id in range(6)], 6)
    texts, called = grown(lab, model, "a", 6, Halves(), temperature=0)
    likely = "the ids are decoded one by one; decode all of them together"
    right = Halves().decode([3, 4, 5, 3, 4, 5, 3])
    if not texts or texts[-1] != right:
        got = texts[-1] if texts else "nothing"
        raise Wrong(called + ": the last text", right, got, likely if "\ufffd" in got else "")


@about("stream", needs=NEEDS)
def test_modes_of_stream(lab):
    """stream uses eval mode and no gradients; both come back, early or late, or after an error"""

    def closed_early(model):
        texts = start(lab, model, "a", 5)[0]
        next(texts)
        expect_gradients()
        texts.close()

    expect_modes(lab, "a stream that is closed early", closed_early)
    whole = "stream(model, tokenizer, 'a', 3)"
    expect_modes(lab, whole, lambda model: list(start(lab, model, "a", 3)[0]))


def expect_gradients():
    """Expect that others may compute gradients while a stream waits."""
    on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    if not on:
        likely = "a yield inside torch.no_grad() keeps it open; put only the model's call inside"
        called = "a stream that waits between two texts"
        raise Wrong(called, "gradients on for everybody else", "they are off", likely)


@about("stream", needs=NEEDS)
def test_draws(lab):
    """Temperature and top_k decide what is drawn"""
    shares = {A: 0.4, B: 0.3, C: 0.2, SPACE: 0.1}
    for options, power, kept in [
        ({"temperature": 1.0}, 1, 4),
        ({}, 1 / 0.8, 4),
        ({"temperature": 0.3}, 1 / 0.3, 4),
        ({"temperature": 3.0, "top_k": 2}, 1 / 3, 2),
        ({"temperature": 1.0, "top_k": 3}, 1, 3),
        ({"temperature": 2.0, "top_k": 1}, 1, 1),
        ({"temperature": 0}, 1, 1),
    ]:
        weights = {id: share**power for id, share in list(shares.items())[:kept]}
        right = torch.tensor([weights.get(id, 0) for id in range(7)]) / sum(weights.values())
        texts, called = grown(lab, always(shares), "a", DRAWS, seed=5, **options)
        drawn = [Letters.vocab.index(letter) for letter in texts[-1][1:]] if texts else []
        got = torch.bincount(torch.tensor(drawn, dtype=torch.int64), minlength=7) / DRAWS
        if not are_near(got, right, DRAWS):
            names = [f"{Letters.vocab[id]!r} {got[id]:.2f}" for id in shares]
            wanted = [f"{Letters.vocab[id]!r} {right[id]:.2f}" for id in shares]
            raise Wrong(called, f"shares near {', '.join(wanted)}", ", ".join(names))


@about("stream", needs=NEEDS)
def test_seed(lab):
    """The same seed draws the same text, another seed another one, for each stream on its own"""
    model = always({A: 0.25, B: 0.25, C: 0.25, SPACE: 0.25})
    before = torch.get_rng_state()
    alone = {seed: grown(lab, model, "a", 40, seed=seed)[0] for seed in (1, 2)}
    again, called = grown(lab, model, "a", 40, seed=1)
    if again != alone[1]:
        got = "another one; is the generator made anew for each stream, and used?"
        raise Wrong(called + " twice", "the same text", got)
    if alone[1] == alone[2]:
        raise Wrong(called + ", and with seed=2", "another text", "the same text")
    usual, zero = (grown(lab, model, "a", 40, **seed)[0] for seed in ({}, {"seed": 0}))
    expect_equal("stream without a seed draws the same text as with seed=0", usual == zero, True)
    if not torch.equal(before, torch.get_rng_state()):
        likely = "torch.Generator().manual_seed(seed) has no effect on others"
        got = "they are changed"
        raise Wrong(called, "PyTorch's own random numbers untouched", got, likely)
    both = [start(lab, model, "a", 20, seed=seed)[0] for seed in (1, 2)]
    turns = list(itertools.islice(zip(*both), 21))
    in_turn = [[text for text in texts if text != "a"][:20] for texts in zip(*turns)]
    called = lab.calls("two streams, seed=1 and seed=2, one text of each in turn")
    if in_turn != [alone[1][:20], alone[2][:20]]:
        raise Wrong(called, "the same texts as one after the other", "they disturb each other")


@about("stream", needs=NEEDS)
def test_long_text(lab):
    """The model sees the last block_size tokens, and nothing of the text is lost"""
    for prompt, n, block_size in [("abc ab", 4, 3), ("ab", 9, 4), ("abc", 5, 1)]:
        model = counting(block_size)
        expect_texts(lab, model, prompt, following(prompt, n), temperature=0)


@about("stream", needs=NEEDS)
def test_stops(lab):
    """Nothing is calculated before it is asked for, and closing the stream ends the work"""
    model = counting()
    texts, called = start(lab, model, "a", 300, temperature=0)
    for _ in range(3):
        next(texts, None)
    taken = len(model.seen)
    if taken > 4:
        likely = "the texts are collected first; yield each one as soon as it is there"
        got = f"the model was asked {taken} times"
        raise Wrong(called + ": after 3 texts", "the model was asked 3 times", got, likely)
    if not hasattr(texts, "close"):
        got = f"a {type(texts).__name__} without close"
        raise Wrong(called, "a generator: it has a close", got, "write it with yield")
    lab.calls("close of a stream, after 3 of 300 texts")
    texts.close()
    rest = len(list(texts))
    expect_equal(f"{lab.called}: how many texts come then", rest, 0)
    expect_equal(f"{lab.called}: calls of the model then", len(model.seen) - taken, 0)


@about("stream", needs=NEEDS)
def test_refusals_of_stream(lab):
    """An empty prompt, a temperature below 0 and a top_k below 1 are refused"""

    def attempt(prompt, **options):
        return lambda: next(iter(lab.module.stream(counting(), Letters(), prompt, 5, **options)))

    called = lab.calls('the first text of stream(model, tokenizer, "", 5)')
    expect_refusal(called, attempt(""), "there is nothing to go on from")
    for name, value, why in [
        ("temperature", -1.0, "a temperature is 0 or above"),
        ("top_k", 0, "at least 1 token is drawn from"),
    ]:
        called = lab.calls(f'the first text of stream(model, tokenizer, "a", 5, {name}={value})')
        expect_refusal(called, attempt("a", **{name: value}), why)


@about("stream", "next_characters", needs=(*NEEDS, "transformer", "tokenizer"))
def test_real_model(lab):
    """It works with a MiniGPT and a tokenizer: 200 characters come if nothing is said"""
    tokenizer = lab.other("tokenizer").CharTokenizer("hello world")
    with torch.random.fork_rng():
        torch.manual_seed(9)
        size = {"n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 12}
        model = lab.other("transformer").MiniGPT(tokenizer.vocab_size, **size)
    called = lab.calls('stream(MiniGPT(...), tokenizer, "hello")')
    texts = list(lab.module.stream(model, tokenizer, "hello"))
    texts = texts[1:] if texts[:1] == ["hello"] else texts
    expect_equal(f"{called}: how many texts", len(texts), 200)
    called = lab.calls('next_characters(MiniGPT(...), tokenizer, "hello", 3)')
    pairs = lab.module.next_characters(model, tokenizer, "hello", 3)
    ids = torch.tensor([tokenizer.encode("hello")])
    shares = model(ids)[0, -1].softmax(-1).sort(descending=True)
    right = [
        (tokenizer.decode([id]), share)
        for id, share in zip(shares.indices[:3].tolist(), shares.values[:3].tolist())
    ]
    if not is_same(pairs, right):
        raise Wrong(called, told(right), told(pairs))


@about("build_page", needs=NEEDS, seconds=90.0, searched=False)
def test_page(lab):
    """The page opens, and goes on from a prompt while you watch (here no line is searched for)"""
    lab.doing("opening the page")
    page = pages.build(lab, counting(), Letters())
    with pages.opened(page) as errors:
        visitor, other = pages.Visitor(page.local_url), pages.Visitor(page.local_url)
        called = lab.calls("build_page(model, tokenizer): the page's functions")
        doors = visitor.doors()
        if not doors:
            likely = "give the function that writes the prompt's box as its first input"
            raise Wrong(called, "one that takes a prompt", "there is none", likely)
        called = lab.calls('the page, after "ab" is typed into its first box')
        tried = {door: pages.answers(lab, errors, visitor.type(door, "ab")) for door in doors}
        door, texts = max(tried.items(), key=lambda pair: len(pair[1]))
        expect_growth(called, texts, "abc abc")
        called = lab.calls('the page, where one visitor types "ab" and another "cab"')
        jobs = [visitor.type(door, "ab"), other.type(door, "cab")]
        for job, text in zip(jobs, ["abc abc", "cabc abc"]):
            expect_growth(called, pages.answers(lab, errors, job), text)


def expect_growth(called, texts, right):
    """Expect that a page shows a text, and shows it before it is finished."""
    if not any(right in text for text in texts):
        got = f"{describe(texts[-1])} at the end" if texts else "nothing"
        raise Wrong(called, f'a text that begins with "{right}"', got)
    if len(set(texts)) < 4:
        likely = "the function of the page must yield each text; return shows the last one only"
        got = f"{len(set(texts))} different in all"
        raise Wrong(called, "a text that grows, character by character", got, likely)
