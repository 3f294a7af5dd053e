import os
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # We need at least one window plus its last answer
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {len(ids)}")
    # Random start positions
    ix = torch.randint(len(ids) - block_size, (batch_size,), generator=generator).tolist()
    # The windows, and the same windows shifted by one
    x = torch.stack([torch.as_tensor(ids[i:i + block_size], dtype=torch.long) for i in ix])
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    y = torch.stack([torch.as_tensor(ids[i + 1:i + block_size + 1], dtype=torch.long) for i in ix])
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be at least 1")
    # Own random source, so that nothing global is touched
    generator = torch.Generator().manual_seed(seed)
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            # Get a batch
            xb, yb = get_batch(ids, batch_size, block_size, generator)
            xb, yb = xb.to(device), yb.to(device)
            # Forward pass and loss
            logits = model(xb)
            B, T, C = logits.shape
            loss = F.cross_entropy(logits.view(B * T, C), yb.view(B * T))
            # Backward pass and update
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            # Keep the loss
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, loss.item())
    finally:
        # Back to the mode from before
        model.train(was_training)
    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    tmp = path.with_name(path.name + ".tmp")
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }
    try:
        # Write next to the target first, then swap
        with open(tmp, "wb") as f:
            torch.save(checkpoint, f)
        os.replace(tmp, path)
    finally:
        tmp.unlink(missing_ok=True)


def load_checkpoint(path):
    with open(path, "rb") as f:
        try:
            checkpoint = torch.load(f, map_location="cpu", weights_only=True)
        except Exception as e:
            raise ValueError(f"{path} is not a readable checkpoint") from e
    if not isinstance(checkpoint, dict):
        raise ValueError(f"{path} is not a checkpoint")
    try:
        # Rebuild the tokenizer and the model
        tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
        model = MiniGPT(**checkpoint["config"])
        model.load_state_dict(checkpoint["state_dict"])
    except (KeyError, TypeError, RuntimeError) as e:
        raise ValueError(f"{path} does not hold a complete checkpoint") from e
    model.eval()
    return model, tokenizer
