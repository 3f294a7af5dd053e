# trainer.py
# Written step by step: first the data, then the training, then saving and loading.

import os
import tempfile

import torch
import torch.nn.functional as F

CHECKPOINT_VERSION = 1


# ---------------------------------------------------------------------------
# Step 1: cut random windows out of the text
# ---------------------------------------------------------------------------
def get_batch(ids, batch_size, block_size, generator):
    """Return x and y, both (batch_size, block_size)."""
    # Step 1a: a window and its last answer need block_size + 1 ids.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {len(ids)}")
    # Step 1b: choose where each window starts. The upper end is not included.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator)
    # Step 1c: cut the windows out.
    x_rows = []
    y_rows = []
    for start in starts.tolist():
        window = torch.asarray(ids[start : start + block_size + 1], dtype=torch.long, copy=True)
        x_rows.append(window[:-1])
        y_rows.append(window[1:])  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    # Step 1d: put the rows on top of each other.
    x = torch.stack(x_rows)
    y = torch.stack(y_rows)
    return x, y


# ---------------------------------------------------------------------------
# Step 2: train the model
# ---------------------------------------------------------------------------
def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    """Return the loss of each step."""
    # Step 2a: refuse to do nothing.
    if steps < 1:
        raise ValueError("steps must be at least 1")
    # Step 2b: our own random numbers, and the optimizer.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device = next(model.parameters()).device
    losses = []
    # Step 2c: remember the mode, and switch to train mode.
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            # Step 2d: draw a batch.
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device), y.to(device)
            # Step 2e: compute the loss of all positions.
            logits = model(x)  # (B, T, V)
            B, T, V = logits.shape
            loss = F.cross_entropy(logits.reshape(B * T, V), y.reshape(B * T))
            # Step 2f: set the gradients to zero, go backward, step.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # Step 2g: remember the loss, and report it.
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, loss.item())
    finally:
        # Step 2h: put the model back into its mode.
        model.train(was_training)
    return losses


# ---------------------------------------------------------------------------
# Step 3: save
# ---------------------------------------------------------------------------
def save_checkpoint(path, model, tokenizer):
    """Save the model and its tokenizer in one file."""
    # Step 3a: what we need to build both again.
    checkpoint = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    # Step 3b: a temporary file in the same folder.
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary_path = tempfile.mkstemp(suffix=".tmp", dir=folder)
    try:
        # Step 3c: write it, and close it.
        with os.fdopen(handle, "wb") as file:
            torch.save(checkpoint, file)
        # Step 3d: put it in the place of the old file.
        os.replace(temporary_path, path)
    except BaseException:
        # Step 3e: leave nothing behind after an error.
        os.remove(temporary_path)
        raise


# ---------------------------------------------------------------------------
# Step 4: load
# ---------------------------------------------------------------------------
def load_checkpoint(path):
    """Return the model in eval mode, and its tokenizer."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    # Step 4a: read the file. A missing file raises FileNotFoundError.
    with open(path, "rb") as file:
        try:
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path} is not a checkpoint that can be read") from error
    # Step 4b: is it ours?
    if not isinstance(checkpoint, dict) or checkpoint.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path} is not a checkpoint of version {CHECKPOINT_VERSION}")
    # Step 4c: rebuild the model and the tokenizer.
    try:
        model = MiniGPT(**checkpoint["config"])
        model.load_state_dict(checkpoint["state_dict"])
        tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} does not fit this model") from error
    # Step 4d: ready to be used.
    model.eval()
    return model, tokenizer
