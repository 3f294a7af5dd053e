"""Take one head away and see what the model loses: a weight is not yet a reason, this is one.

Source of the idea: Michel, Levy and Neubig 2019, arXiv:1905.10650.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mini_gpt.support.exchange import attention_of, exchanged


@contextmanager
def without(model: nn.Module, layer: int, head: int) -> Iterator[None]:
    """Let one head find nothing while the model runs once. Afterwards all is as it was.

    What the head found is set to 0 where causal_attention hands it over. So this works with every
    model that calls causal_attention by its name, and no weight of the model is touched.

    Args:
        model: a MiniGPT.
        layer: counted from 0, in the order in which the layers call causal_attention.
        head: counted from 0.
    """
    true, calls = attention_of(model), []

    def attention(*given, **named):
        output, weights = true(*given, **named)
        calls.append(True)
        if len(calls) == layer + 1:
            output = output.clone()
            output[:, head] = 0  # (B, H, T, D)
        return output, weights

    with exchanged(model, attention):
        yield


@torch.no_grad()
def loss(model: nn.Module, windows: Tensor) -> float:
    """Return the mean loss in nats.

    Args:
        model: a MiniGPT, in eval mode.
        windows: ids, (N, T + 1). The model sees the first T, and guesses the last T.
    """
    logits = model(windows[:, :-1])
    return float(cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten()))


def losses_without(model: nn.Module, windows: Tensor, heads: list[int]) -> list[list[float]]:
    """Return the loss without each head, for each layer.

    Args:
        model: a MiniGPT, in eval mode.
        windows: as for loss.
        heads: how many heads each layer has.
    """
    found = []
    for layer, n_head in enumerate(heads):
        row = []
        for head in range(n_head):
            with without(model, layer, head):
                row.append(loss(model, windows))
        found.append(row)
    return found
