# Style: Stanford CS336, assignment 1: own cross_entropy, own AdamW(torch.optim.Optimizer), clipping
from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Average -log p(target). logits: (..., vocab), targets: (...)."""
    logits = logits - logits.amax(dim=-1, keepdim=True)
    log_z = logits.exp().sum(dim=-1).log()
    picked = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return (log_z - picked).mean()


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        if lr < 0:
            raise ValueError(f"Invalid learning rate: {lr}")
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable | None = None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            lr, eps, decay = group["lr"], group["eps"], group["weight_decay"]
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                t = state.get("t", 0) + 1
                m = state.get("m", torch.zeros_like(p))
                v = state.get("v", torch.zeros_like(p))
                m = beta1 * m + (1 - beta1) * p.grad
                v = beta2 * v + (1 - beta2) * p.grad**2
                alpha_t = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
                p -= alpha_t * m / (v.sqrt() + eps)
                p -= lr * decay * p
                state["t"], state["m"], state["v"] = t, m, v
        return loss


def gradient_clipping(parameters: Iterable[torch.nn.Parameter], max_l2_norm: float) -> None:
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = math.sqrt(sum(g.pow(2).sum().item() for g in grads))
    if norm > max_l2_norm:
        for g in grads:
            g.mul_(max_l2_norm / (norm + 1e-6))


def get_batch(ids, batch_size: int, block_size: int, generator: torch.Generator):
    n = len(ids)
    if n <= block_size:
        raise ValueError(f"dataset of {n} ids is too short for context length {block_size}")
    starts = torch.randint(0, n - block_size, (batch_size,), generator=generator).tolist()
    inputs = torch.stack([ids[s : s + block_size] for s in starts])
    labels = torch.stack([ids[s + 1 : s + block_size + 1] for s in starts])
    return inputs, labels


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    if steps < 1:
        raise ValueError("steps must be positive")
    generator = torch.Generator().manual_seed(seed)
    train_ids = torch.as_tensor(ids)
    optimizer = AdamW(model.parameters(), lr=learning_rate)
    losses = []
    training = model.training
    model.train()
    for it in range(steps):
        inputs, labels = get_batch(train_ids, batch_size, block_size, generator)
        optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(model(inputs), labels)
        loss.backward()
        gradient_clipping(model.parameters(), max_l2_norm=1.0)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(it + 1, losses[-1])
    model.train(training)
    return losses


def save_checkpoint(path: str | os.PathLike, model, tokenizer) -> None:
    obj = {"model": model.state_dict(), "config": model.config, "vocab": tokenizer.vocab}
    tmp_path = os.fspath(path) + ".tmp"
    try:
        torch.save(obj, tmp_path)
        os.replace(tmp_path, path)
    except BaseException:
        if os.path.exists(tmp_path):
            os.remove(tmp_path)
        raise


def load_checkpoint(path: str | os.PathLike):
    obj = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**obj["config"])
    model.load_state_dict(obj["model"])
    return model.eval(), CharTokenizer("".join(obj["vocab"][3:]))
