"""PyTorch's fused attention in the place of the written-out one, while a model is trained.

The fused one gives the same numbers in one go, and never keeps the table of weights. It does not
show the weights either, so a model that is looked into keeps the one that was written out.
"""

from functools import partial

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from mini_gpt.support.exchange import attention_of, exchanged
from mini_gpt.support.training.gradients import find_gradients, same_gradients


def fused_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, None]:
    """Do what causal_attention does, (B, H, T, D) each, without its weights."""
    return scaled_dot_product_attention(q, k, v, is_causal=True), None


def is_same(model: nn.Module) -> bool:
    """Tell whether the model gives the same numbers with the fused attention."""
    if attention_of(model) is None:
        return False

    def with_fused(rows: Tensor) -> Tensor:
        with exchanged(model, fused_attention):
            return find_gradients(model, rows)

    return same_gradients(model, partial(find_gradients, model), with_fused)
