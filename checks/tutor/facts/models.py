"""Models of the learner's, made for loop 2 to look at, and what goes into them."""

import torch
from torch import Tensor, nn

from tutor.facts.lab import Lab

DEFAULTS = {"vocab_size": 100, "n_embd": 64, "n_head": 4, "n_layer": 2, "block_size": 512}
SMALL = {"vocab_size": 11, "n_embd": 12, "n_head": 3, "n_layer": 2, "block_size": 9}
TINY = {"vocab_size": 7, "n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 5}


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
