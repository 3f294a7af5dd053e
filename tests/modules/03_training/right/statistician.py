"""Estimating the parameters of a language model by (stochastic) maximum likelihood.

The data are one long sequence. A sample is a set of windows, drawn uniformly and with replacement
from all windows of the sequence. The loss is the mean negative log-likelihood per token, in nats.
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    """Draw a random sample of windows: predictors x and responses y, both (batch_size, block_size)."""
    # Population: all windows which have a response for their last token.
    n = len(ids)
    n_windows = n - block_size
    if n_windows < 1:
        raise ValueError(f"no window of {block_size} tokens and a response in {n} ids")
    # Sample: uniform over the population, independent draws.
    drawn = torch.randint(n_windows, size=(batch_size,), generator=generator)
    rows = [np.array(ids[i : i + block_size + 1], dtype=np.int64) for i in drawn.tolist()]
    sample = torch.from_numpy(np.stack(rows))
    # Lag one: the response is the series, one step later.
    x = sample[:, :block_size].clone()
    y = sample[:, 1:].clone()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def _mean_nll(logits, y):
    """Mean negative log-likelihood of the responses, over all windows and all positions."""
    log_p = torch.log_softmax(logits, dim=-1)
    log_likelihood = log_p.gather(-1, y.unsqueeze(-1)).squeeze(-1)  # (B, T)
    return -log_likelihood.mean()


def train(
    model: nn.Module,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    """Fit the model. Returns the observed loss of each step."""
    if steps < 1:
        raise ValueError(f"an estimate needs at least one step, got {steps}")
    rng = torch.Generator()
    rng.manual_seed(seed)
    theta = list(model.parameters())
    optimizer = torch.optim.AdamW(theta, lr=learning_rate)
    losses: list[float] = []
    mode = model.training
    model.train(True)
    try:
        for step in range(1, steps + 1):
            # Draw a sample, evaluate the loss on it.
            x, y = get_batch(ids, batch_size, block_size, rng)
            nll = _mean_nll(model(x.to(theta[0].device)), y.to(theta[0].device))
            # One step of the optimizer along the gradient of this sample alone.
            optimizer.zero_grad()
            nll.backward()
            optimizer.step()
            # Record.
            observed = float(nll.detach())
            losses.append(observed)
            if on_step is not None:
                on_step(step, losses[-1])
    finally:
        model.train(mode)
    return losses


def save_checkpoint(path, model, tokenizer):
    """Store the fitted model: design (config), categories (vocab), estimates (weights)."""
    path = Path(path)
    fit = {
        "version": VERSION,
        "config": model.config,
        "vocab": list(tokenizer.vocab),
        "weights": model.state_dict(),
    }
    # All or nothing: write beside the old file, then swap.
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            torch.save(fit, file)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def load_checkpoint(path):
    """Restore a fitted model and its tokenizer."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with open(path, "rb") as file:
        try:
            fit = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path}: not readable as a fitted model") from error
    if not isinstance(fit, dict) or fit.get("version") != VERSION:
        raise ValueError(f"{path}: not a fitted model of version {VERSION}")
    try:
        categories = fit["vocab"][3:]
        model = MiniGPT(**fit["config"])
        model.load_state_dict(fit["weights"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path}: estimates do not match the model") from error
    tokenizer = CharTokenizer("".join(categories))
    model.eval()
    return model, tokenizer
