"""What a module of loops 1 to 4 does, on inputs that no fact uses: two modules can be compared.

Each function takes a module, and yields what comes out of it, always in the same order. What the
contract leaves free, such as the words of an error, is left out.
"""

import itertools
import random
import string
import types
from collections.abc import Iterator

import torch

from tools.behaviour_in_time import ROUNDS, continuing, training
from tools.outcomes import outcome, same

LETTERS = "ab cdeé\n\t😀<>pau" + string.digits


def some_text(chance: random.Random, most: int = 30) -> str:
    """Make a text at random."""
    return "".join(chance.choices(LETTERS, k=chance.randrange(most)))


def tokenizing(module: types.ModuleType) -> Iterator[object]:
    """Yield what a tokenizer makes of texts and ids."""
    chance = random.Random(11)
    for _ in range(10 * ROUNDS):
        text, other = some_text(chance), some_text(chance)
        made = module.CharTokenizer(text)
        yield made.vocab, made.vocab_size, made.encode(other), made.decode(made.encode(other))
        ids = [chance.randrange(made.vocab_size) for _ in range(chance.randrange(9))]
        for given in (ids, tuple(ids), iter(ids), torch.tensor(ids, dtype=torch.int64)):
            yield made.decode(given)
        yield made.vocab, made.vocab_size
        for odd in (-1, made.vocab_size, -made.vocab_size):
            yield outcome(lambda: made.decode([*ids, odd]))
    one, two = module.CharTokenizer("ab"), module.CharTokenizer("ba")
    yield one.encode("ab"), two.encode("ab"), one.vocab, two.vocab


def looking_back(module: types.ModuleType) -> Iterator[object]:
    """Yield what attention, and models of several sizes, make of numbers and ids."""
    draw = torch.Generator().manual_seed(12)
    for number in range(ROUNDS):
        shape = [int(torch.randint(1, 7, (), generator=draw)) for _ in range(4)]
        qkv = [torch.randn(shape, generator=draw) * [1, 5, 40][number % 3] for _ in range(3)]
        given = [x.clone().requires_grad_() for x in qkv]
        output, weights = module.causal_attention(*given)
        (output * qkv[0]).sum().backward()
        yield output.detach(), weights.detach(), [x.grad for x in given], qkv
    for n_embd, n_head, n_layer, block_size in [(8, 1, 2, 5), (8, 4, 1, 12), (20, 2, 3, 7)]:
        sizes = {"vocab_size": 9, "n_embd": n_embd, "n_head": n_head, "n_layer": n_layer}
        torch.manual_seed(n_head)
        model = module.MiniGPT(**sizes, block_size=block_size)
        yield model.config, model.training, int(torch.randint(10**6, ()))
        for name, parameter in sorted(model.named_parameters()):
            seed = torch.Generator().manual_seed(len(name) + parameter.numel())
            parameter.data += 0.2 * torch.randn(parameter.shape, generator=seed)
        ids = torch.randint(9, (3, block_size), generator=draw)
        for text in (ids, ids[:1, :2], ids[:, :1]):
            kept = text.clone()
            model.zero_grad()
            logits = model(text)
            logits.logsumexp(-1).sum().backward()
            yield logits.detach(), {name: p.grad for name, p in model.named_parameters()}
            yield torch.equal(text, kept), sorted(model.state_dict()), model.config
        yield outcome(lambda: model(torch.zeros(1, block_size + 1, dtype=torch.int64)))
    yield outcome(lambda: module.MiniGPT(n_embd=10, n_head=4)), module.MiniGPT().config


BEHAVIOUR = {
    "tokenizer": tokenizing,
    "transformer": looking_back,
    "trainer": training,
    "sampler": continuing,
}


def behaves(loop: str, module: types.ModuleType) -> list[object]:
    """Return all that a module of a loop does."""
    return list(BEHAVIOUR[loop](module))


def differs(loop: str, module: types.ModuleType, right: list[object]) -> bool:
    """Tell whether a module does other things than the right one did."""
    pairs = itertools.zip_longest(BEHAVIOUR[loop](module), right)
    return outcome(lambda: all(same(one, two) for one, two in pairs)) is not True
