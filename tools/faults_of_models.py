"""What can be wrong in a model, as functions that spoil a training with it.

What such a function changes in a module stays changed: plant one fault in each process.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from mini_gpt.support.training.training import Training
from scaffolds.reference import transformer

ATTEND = transformer.causal_attention


@dataclass
class Case:
    """A training that has not begun, and its two texts."""

    training: Training
    train_ids: np.ndarray
    val_ids: np.ndarray

    @property
    def model(self) -> nn.Module:
        """Return the model."""
        return self.training.model


def attention(mix: Callable) -> Callable[[Case], None]:
    """Make a fault in which attention is replaced."""

    def plant(case: Case) -> None:
        transformer.causal_attention = lambda q, k, v: (mix(q, k, v), None)

    return plant


def masked(mask: Callable, score: Callable | None = None, dim: int = -1) -> Callable:
    """Write attention with another mask, other scores, or a softmax over something else."""

    def mix(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        scores = q @ k.mT / q.shape[-1] ** 0.5
        scores = score(scores, q.shape[-1]) if score else scores
        hidden = mask(torch.ones_like(scores, dtype=torch.bool))
        return scores.masked_fill(hidden, -1e9).softmax(dim) @ v

    return attention(mix)


def future(ones: Tensor) -> Tensor:
    """Hide what comes later, as it should be."""
    return ones.triu(1)


def joined_wrongly(case: Case) -> None:
    """Put the heads side by side without exchanging heads and places first."""

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.n_head, -1).transpose(1, 2)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        return self.output(ATTEND(q, k, v)[0].reshape(B, T, C))

    transformer.SelfAttention.forward = forward


def mixed_texts(case: Case) -> None:
    """Let each text see a little of the one before it in the batch."""
    forward = transformer.Block.forward
    transformer.Block.forward = lambda self, x: forward(self, x + 0.5 * x.roll(1, 0))


def late_input(case: Case) -> None:
    """Show each letter one place too late."""
    forward = transformer.MiniGPT.forward
    transformer.MiniGPT.forward = lambda self, ids: forward(self, ids.roll(1, 1))


def block(forward: Callable) -> Callable[[Case], None]:
    """Make a fault in which a block does something else."""

    def plant(case: Case) -> None:
        transformer.Block.forward = forward

    return plant


def without_places(case: Case) -> None:
    """Never add the position embedding."""
    case.model.position_embedding.forward = lambda places: torch.zeros(1)


def frozen(*names: str) -> Callable[[Case], None]:
    """Make a fault in which parts of the model are not trained."""

    def plant(case: Case) -> None:
        for name in names:
            case.model.get_submodule(name).requires_grad_(False)

    return plant


def nothing(ones: Tensor) -> Tensor:
    """Hide nothing."""
    return ones & False
