"""Hear where a model looks, with the learner's own record_attention."""

import torch
from torch import Tensor, nn

from mini_gpt.support.refusal import Refusal


def listen(model: nn.Module, ids: Tensor) -> list[Tensor]:
    """Run a model once, and return where each head looks: (H, T, T) for each layer.

    Raises:
        Refusal: the model cannot be listened to.
    """
    from mini_gpt.attention_map import record_attention

    try:
        return record_attention(model, ids)
    except ValueError as error:
        hint = "A model that can be looked at calls causal_attention by its name"
        raise Refusal(f"{error}. {hint}: see docs/07_attention_visualization.md.") from error


def untrained(model: nn.Module, seed: int) -> nn.Module:
    """Make the model again as it was before its training, with the same sizes and seed.

    The random numbers of the program go on as if nothing had been.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return type(model)(**model.config).eval()
