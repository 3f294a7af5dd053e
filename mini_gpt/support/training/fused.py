"""PyTorch's fused attention in the place of the written-out one, while a model is trained.

The fused one gives the same numbers in one go, and never keeps the table of weights. It does not
show the weights either, so a model that is looked into keeps the one that was written out.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from mini_gpt.support.exchange import attention_of, exchanged

CLOSE = 1e-4
"""The largest difference of two losses, or two gradients of size 1, that is only rounding."""


def fused_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, None]:
    """Do what causal_attention does, (B, H, T, D) each, without its weights."""
    return scaled_dot_product_attention(q, k, v, is_causal=True), None


def try_out(model: nn.Module) -> Tensor:
    """Return the loss of a made-up text and all its gradients, one after the other."""
    size, length = model.config["vocab_size"], model.config["block_size"]
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(size, (2, length + 1), generator=generator).to(device)
    loss = cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    parameters = [p for p in model.parameters() if p.requires_grad]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    return torch.cat([loss.view(1), *(g.flatten() for g in gradients if g is not None)])


def is_same(model: nn.Module) -> bool:
    """Tell whether the model gives the same numbers with the fused attention."""
    if attention_of(model) is None:
        return False
    expected = try_out(model)
    try:
        with exchanged(model, fused_attention):
            got = try_out(model)
    except Exception:  # whatever a model does with the weights, it cannot do it without them
        return False
    return got.shape == expected.shape and bool((got - expected).abs().max() < CLOSE)
