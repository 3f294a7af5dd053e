"""The gradients of a batch, and a trial: does a faster way find the same ones?"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

CLOSE = 1e-4
"""The largest difference of two losses, or two gradients of size 1, that is only rounding."""
TRIED_ROWS = 4


def find_gradients(model: nn.Module, rows: Tensor, share: float = 1.0) -> Tensor:
    """Find the gradients of the mean loss of a batch, in train mode. Return this loss, in nats.

    Args:
        model: a MiniGPT. Its parameters get the gradients.
        rows: ids, (B, T + 1).
        share: which share of a batch they are. Loss and gradients are multiplied by it.
    """
    model.train()
    logits = model(rows[:, :-1])
    loss = share * cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
    model.zero_grad()
    loss.backward()
    return loss.detach()


def same_gradients(
    model: nn.Module, usual: Callable[[Tensor], Tensor], faster: Callable[[Tensor], Tensor]
) -> bool:
    """Tell whether two ways find the same loss and gradients for a made-up text.

    Args:
        model: a MiniGPT, on its device. It has no gradients afterwards.
        usual: takes ids (B, T + 1), finds the gradients of the model, and returns the loss.
        faster: does the same in another way. If it raises an error, it is not the same.
    """
    rows = made_up_rows(model)
    with torch.random.fork_rng():
        expected = all_numbers(usual(rows), model)
        try:
            got = all_numbers(faster(rows), model)
        except Exception:  # whatever a model does, it cannot do it in this way
            return False
        finally:
            model.zero_grad()
    return got.shape == expected.shape and bool((got - expected).abs().max() < CLOSE)


def made_up_rows(model: nn.Module) -> Tensor:
    """Return ids by chance for a model, (TRIED_ROWS, block_size + 1), on its device."""
    size, length = model.config["vocab_size"], model.config["block_size"]
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(size, (TRIED_ROWS, length + 1), generator=generator)
    return rows.to(next(model.parameters()).device)


def all_numbers(loss: Tensor, model: nn.Module) -> Tensor:
    """Return a loss and all gradients of a model, one number after the other."""
    gradients = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return torch.cat([loss.view(1), *gradients])
