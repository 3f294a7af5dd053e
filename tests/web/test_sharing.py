"""One model for many visitors gives what the model gives, and calculates little."""

import random

import torch

from mini_gpt.support.web.sharing import MOST_TEXTS, share
from scaffolds.reference.transformer import MiniGPT
from scaffolds.reference.web import next_characters, stream


class Letters:
    """A tokenizer of eleven letters."""

    def encode(self, text):
        """Return the ids of letters a to k."""
        return [ord(letter) - ord("a") for letter in text]

    def decode(self, ids):
        """Return the letters of ids."""
        return "".join(chr(ord("a") + id) for id in ids)


def lively_model(block_size):
    """Make a small model that is sure of something."""
    torch.manual_seed(3)
    model = MiniGPT(vocab_size=11, n_embd=16, n_head=2, n_layer=2, block_size=block_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model.eval()


def test_visitors_in_any_order():
    """More visitors than caches, texts longer than block_size: each gets what they get alone"""
    model = lively_model(10)
    shared, chance = share(model)[0], random.Random(4)
    assert shared is not model
    prompts = ["abc"[: n % 3 + 1] + "defghijk"[n % 8] for n in range(MOST_TEXTS + 3)]
    alone = [list(stream(model, Letters(), p, 15, 1.0, None, n)) for n, p in enumerate(prompts)]
    streams = [stream(shared, Letters(), p, 15, 1.0, None, n) for n, p in enumerate(prompts)]
    heard = [[] for _ in prompts]
    turns = [n for n in range(len(prompts)) for _ in range(15)]
    chance.shuffle(turns)
    for n in turns:
        text = next(streams[n])
        heard[n].append(text)
        bars, right = (dict(next_characters(m, Letters(), text, 11)) for m in (shared, model))
        assert all(abs(bars[token] - p) < 1e-4 for token, p in right.items())
    assert heard == alone


def test_each_token_once():
    """A text and its bars together calculate each token once, while it fits"""
    model, seen = lively_model(60), []
    shared, _ = share(model)
    model.blocks[0].mlp.register_forward_hook(lambda part, given, made: seen.append(made.shape[1]))
    for text in stream(shared, Letters(), "abc", 40):
        next_characters(shared, Letters(), text)
    assert sum(seen) == 43


def test_without_a_cache_it_is_the_model():
    """A model that the cache cannot use is used as it is"""
    model = lively_model(10)
    model.final = model.norm
    del model.norm
    assert share(model)[0] is model
