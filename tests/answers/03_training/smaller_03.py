import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # y reaches one id past x, so one window needs block_size + 1 ids.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"need at least {block_size + 1} ids for block_size {block_size}, got {len(ids)}"
        )
    # The upper bound of randint is excluded: the last start is len(ids) - block_size - 1.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator)
    # (batch_size, 1) + (block_size,) broadcasts to (batch_size, block_size) positions.
    positions = starts[:, None] + torch.arange(block_size)
    # The target of each position is the id one place later.
    return ids[positions], ids[positions + 1]


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
        raise ValueError(f"steps must be at least 1, got {steps}")
    # A generator of our own: the batches depend on the seed only.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    # The batches must be on the same device as the weights.
    device = next(model.parameters()).device
    cuda_devices = [device] if device.type == "cuda" else []
    # Remember the mode, to restore it at the end.
    was_training = model.training
    losses = []
    try:
        # Dropout draws from the global random state; fork_rng puts that state back afterwards.
        with torch.random.fork_rng(devices=cuda_devices):
            for step in range(1, steps + 1):
                # Set in every step, because on_step may have switched to eval mode.
                model.train()
                x, y = get_batch(ids, batch_size, block_size, generator)
                # One score per vocabulary entry: (batch_size, block_size, vocab_size).
                logits = model(x.to(device))
                # Treat every position of every window as one classification.
                loss = F.cross_entropy(logits.flatten(0, 1), y.to(device).flatten())
                # Gradients add up in PyTorch, so clear those of the step before.
                optimizer.zero_grad()
                # Compute the gradient of the loss for every weight.
                loss.backward()
                # Change the weights.
                optimizer.step()
                # item() gives a plain float, so the graph is not kept in memory.
                loss_value = loss.item()
                losses.append(loss_value)
                if on_step is not None:
                    on_step(step, loss_value)
    finally:
        # Runs after an error too.
        model.train(was_training)
    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }
    # The same folder means the same file system, which os.replace needs.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        # If this fails, the old file has not been touched.
        torch.save(checkpoint, temporary)
        # Put the finished file in place of the old one.
        os.replace(temporary, path)
    finally:
        # After a success the temporary name is gone already; after a failure, remove it.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path):
    # weights_only=True refuses pickled code; map_location="cpu" works without a GPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    # Build the same architecture, then fill in the trained weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    # The first three entries are left out; the rest are the characters.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    # Eval mode turns off dropout, ready for generating text.
    model.eval()
    return model, tokenizer
