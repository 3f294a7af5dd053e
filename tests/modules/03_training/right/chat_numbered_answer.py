# a chat model's answer to the recipe: numbered comments, full docstrings, formatted by black
"""Training utilities for the Mini-GPT: batching, training, and checkpoints."""

import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Sample a batch of (input, target) windows from the text.

    Returns:
        A tuple (x, y) of int64 tensors, each of shape (batch_size, block_size).
    """
    # 1. Make sure that at least one full window (plus its last answer) fits.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"need at least {block_size + 1} ids for block_size={block_size}, "
            f"but got only {len(ids)}"
        )

    # 2. Pick a random start position for every row of the batch.
    starts = torch.randint(
        low=0,
        high=len(ids) - block_size,
        size=(batch_size,),
        generator=generator,
    )

    # 3. Cut out the inputs, and the same windows shifted by one.
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    x = torch.stack([ids[s : s + block_size] for s in starts])
    y = torch.stack([ids[s + 1 : s + block_size + 1] for s in starts])
    return x, y


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
    """Train the model and return the loss of every step."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 1. A private generator, so that no global random state is touched.
    generator = torch.Generator().manual_seed(seed)

    # 2. The optimizer updates the parameters.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 3. Remember the mode, then switch to training mode.
    was_training = model.training
    model.train()

    losses = []
    try:
        for step in range(1, steps + 1):
            # 4. Draw a batch.
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 5. Forward pass and loss over all positions.
            logits = model(x)
            loss = F.cross_entropy(
                logits.reshape(-1, logits.size(-1)),
                y.reshape(-1),
            )

            # 6. Backward pass and update.
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

            # 7. Keep track of the loss.
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, losses[-1])
    finally:
        # 8. Restore the mode, whatever happened.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Atomically save the model and the tokenizer to `path`."""
    path = Path(path)
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }

    # 1. Create a temporary file in the same folder.
    fd, tmp_name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(fd)
    try:
        # 2. Write everything to it, then move it into place.
        torch.save(checkpoint, tmp_name)
        os.replace(tmp_name, path)
    except BaseException:
        # 3. Clean up, and let the caller know.
        os.unlink(tmp_name)
        raise


def load_checkpoint(path):
    """Load a checkpoint and return (model, tokenizer)."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    model.eval()

    # The first three entries are the special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    return model, tokenizer
