"""Models of the learner's, made for loop 2 to look at, and what goes into them."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tutor.facts.lab import Lab

DEFAULTS = {"vocab_size": 100, "n_embd": 64, "n_head": 4, "n_layer": 2, "block_size": 512}
SMALL = {"vocab_size": 11, "n_embd": 12, "n_head": 3, "n_layer": 2, "block_size": 9}
TINY = {"vocab_size": 7, "n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 5}
STEP = 3e-4
"""So far a table is moved, along a random direction, to see what the loss does."""
UNTRUE = 0.1
"""More than this part of a gradient is no rounding: right code stays below 0.03 of it."""


def sizes_text(sizes: dict[str, int]) -> str:
    """Write sizes as arguments: vocab_size=11, n_embd=12 ..."""
    return ", ".join(f"{name}={value}" for name, value in sizes.items())


def random_qkv(B: int = 2, H: int = 3, T: int = 5, D: int = 8) -> list[Tensor]:
    """Make queries, keys and values that are nothing like each other. All sizes differ."""
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(B, H, T, D, generator=generator) for _ in range(3)]


def random_ids(B: int, T: int, vocab_size: int) -> Tensor:
    """Make random ids, (B, T)."""
    return torch.randint(vocab_size, (B, T), generator=torch.Generator().manual_seed(2))


def random_rows(B: int, T: int, C: int) -> Tensor:
    """Make rows of numbers for tokens, as they stand between the layers, (B, T, C)."""
    return torch.randn(B, T, C, generator=torch.Generator().manual_seed(7))


def make_model(lab: Lab, **sizes: int) -> nn.Module:
    """Make a model with these sizes, always with the same random numbers, in eval mode."""
    torch.manual_seed(3)
    return lab.module.MiniGPT(**sizes).eval()


def lively_model(lab: Lab, **sizes: int) -> nn.Module:
    """Make a model in which every part has an effect: a parameter that starts at 0 has none."""
    model = make_model(lab, **sizes)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def belongings(model: nn.Module) -> tuple[dict, list]:
    """Return what a model must not lose or gain while it works: its config, its layers, a mode."""
    layers = model.named_modules(remove_duplicate=False)
    return dict(model.config), [(name, layer.training) for name, layer in layers]


def query_sizes(lab: Lab, **sizes: int) -> list[int]:
    """Return how many numbers the queries have that a model gives to causal_attention."""
    own, heard = lab.module.causal_attention, []

    def listen(*given, **named):
        heard.append([*given, *named.values()][0].shape[-1])
        return own(*given, **named)

    lab.module.causal_attention = listen
    try:
        make_model(lab, **sizes)(random_ids(2, 7, sizes["vocab_size"]))
    finally:
        lab.module.causal_attention = own
    return heard


def has_dropout(model: nn.Module) -> bool:
    """Tell whether a model has a dropout layer that does something."""
    return any(
        getattr(layer, "p", 0) for layer in model.modules() if "Dropout" in type(layer).__name__
    )


def untrue_gradients(model: nn.Module) -> Iterator[tuple[str, float, float]]:
    """Find what a gradient leaves out, since something in the model holds a part of it back.

    Everything that a model calculates hangs on its tables, one row for each token or place. So each
    table takes two small steps along a random direction, one forth, one back. Between the two, the
    loss differs by 2 STEP times the product of gradient and direction.

    Args:
        model: of the SMALL sizes. It is as before afterwards, but for its gradients.

    Yields:
        The name of a table, how fast the loss changes along the direction, and what the gradient
        says of that.
    """
    V, T = SMALL["vocab_size"], SMALL["block_size"]
    ids, answers = random_ids(6, T, V), random_ids(T, 6, V).flatten()

    def loss() -> Tensor:
        return cross_entropy(model(ids).flatten(0, 1), answers)

    loss().backward()
    tables = [(n, p) for n, p in model.named_parameters() if {V, T} & set(p.shape)]
    for name, table in tables:
        start, losses = table.detach().clone(), []
        direction = torch.randn(start.shape, generator=torch.Generator().manual_seed(9))
        with torch.no_grad():
            for step in (STEP, -STEP):
                table.copy_(start + step * direction)
                losses.append(float(loss()))
            table.copy_(start)
        moves, said = (losses[0] - losses[1]) / (2 * STEP), float((table.grad * direction).sum())
        if abs(moves - said) > UNTRUE * (float(table.grad.norm()) + 0.01):
            yield name, moves, said
