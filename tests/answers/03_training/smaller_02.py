import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # A window needs one extra id, because y is shifted by one.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {len(ids)}")
    # randint excludes its upper end, so the last start is len(ids) - block_size - 1.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator)
    # (batch_size, 1) + (block_size,) broadcasts to (batch_size, block_size).
    positions = starts[:, None] + torch.arange(block_size)
    # Indexing with a 2-D tensor picks out all windows at once.
    x = ids[positions]
    # The target at each position is the id that follows it.
    y = ids[positions + 1]
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    # A private generator: the batches depend only on this seed.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    # Remember the mode so that it can be restored at the end.
    was_training = model.training
    try:
        # Dropout draws from the global CPU generator; this puts its state back.
        with torch.random.fork_rng(devices=[]):
            for step in range(1, steps + 1):
                # Set it every step, in case on_step switched to eval mode.
                model.train()
                x, y = get_batch(ids, batch_size, block_size, generator)
                # One row of scores per position: (batch, block, vocab).
                logits = model(x)
                # Flatten so that every position counts as one prediction.
                loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))
                # Gradients add up in PyTorch, so clear the old ones first.
                optimizer.zero_grad()
                # Compute the gradient of the loss for every weight.
                loss.backward()
                # Let AdamW change the weights.
                optimizer.step()
                # item() gives a plain float, which does not keep the graph alive.
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
    # Same folder means same file system, which os.replace needs.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        torch.save(checkpoint, temporary)
        # Swap the finished file in as one atomic operation.
        os.replace(temporary, path)
    finally:
        # After a failure this removes the leftover; after success it is already gone.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path):
    # weights_only=True refuses to run arbitrary code hidden in the file.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    # Build a model of the same shape, then overwrite its random weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    # Skip the first three entries; the tokenizer is rebuilt from the rest.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    # Eval mode turns off dropout.
    model.eval()
    return model, tokenizer
