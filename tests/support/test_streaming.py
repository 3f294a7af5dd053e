"""Text comes character by character, and words are counted in the text, not in the tokens."""

import random

import pytest

from mini_gpt.support.speaking.streaming import characters, first_words
from scaffolds.reference.bpe import BPETokenizer
from scaffolds.reference.sampler import finished_words
from scaffolds.reference.tokenizer import CharTokenizer

TEXT = "наша 🙂 hello hello help, é hello"


def test_each_character_as_soon_as_it_is_whole():
    """What is told after each token is all that is certain by then."""
    tokenizer = BPETokenizer.train(TEXT, 275)
    ids = tokenizer.encode(TEXT)
    given = []

    def one_by_one():
        for id in ids:
            given.append(id)
            yield id

    told = ""
    for piece in characters(one_by_one(), tokenizer):
        told += piece
        assert told == tokenizer.decode(given).rstrip("\ufffd")
    assert told == TEXT


def test_any_bytes():
    """Whatever ids come, valid text or not, all of it is told as decode would."""
    tokenizer = BPETokenizer.train(TEXT, 300)
    chance = random.Random(4)
    for _ in range(500):
        ids = [chance.randrange(tokenizer.vocab_size) for _ in range(chance.randrange(12))]
        assert "".join(characters(ids, tokenizer)) == tokenizer.decode(ids)
    letters = CharTokenizer("abc")
    assert list(characters([3, 1, 4], letters)) == ["a", "<unk>", "b"]


@pytest.mark.parametrize(
    ("before", "pieces", "n", "right"),
    [
        ("once", [" red", " hen", " sat"], 1, " red"),
        ("once", [" red", " hen", " sat"], 2, " red hen"),
        ("on", ["ce", " red", " hen"], 1, "ce red"),
        ("once ", ["red", " hen"], 1, "red"),
        ("once", [" r", "ed", "\n\n", "hen ", "sat"], 2, " red\n\nhen"),
        ("once", [" red"], 5, " red"),
        ("once", ["  a b c"], 2, "  a b"),
    ],
)
def test_words(before, pieces, n, right):
    """A word counts when it is finished, and the one that the prompt left half done does not."""
    assert "".join(first_words(pieces, before, n)) == right


@pytest.mark.parametrize("vocab_size", [259, 266, 300])
def test_words_with_any_tokens(vocab_size):
    """Cut finer or coarser, the same words come out, as many as loop 4 counts."""
    text = " red hen curled up. hello world. once upon our pond"
    tokenizer = BPETokenizer.train(text, vocab_size)
    for n in range(1, 9):
        said = "".join(first_words(characters(tokenizer.encode(text), tokenizer), "once", n))
        assert said == " " + " ".join(text.split()[:n])
        assert finished_words(f"once{said} ") == n + 1
