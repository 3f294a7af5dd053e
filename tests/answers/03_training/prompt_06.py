"""trainer.py: draw batches, train the model, save it and load it."""

import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Return x and y, both of shape (batch_size, block_size)."""
    # A window needs block_size ids, plus one more id for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids (block_size + 1), got {len(ids)}")

    # Count the possible start places: 0, 1, ..., number_of_starts - 1.
    number_of_starts = len(ids) - block_size

    # Draw one start place per row. randint never draws the upper limit itself.
    starts = torch.randint(0, number_of_starts, (batch_size,), generator=generator)

    # The places inside a window, counted from its start: 0, 1, ..., block_size - 1.
    offsets = torch.arange(block_size)

    # Add every start to every offset:
    # (batch_size, 1) + (block_size,) gives (batch_size, block_size).
    positions = starts[:, None] + offsets

    # Look up the ids at these positions.
    x = ids[positions]

    # Look up the answers, one position later.
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

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
    """Train the model and return a list with the loss of each step."""
    # 1. Check: there must be at least one step.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 2. Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    # 3. Generator: our own random numbers, used for the batches.
    #    (Dropout layers, if the model has any, cannot use it: PyTorch gives
    #    them its global random numbers.)
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 4. Optimizer: AdamW will change the weights.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    losses = []

    try:
        # Count the steps from 1 up to and including steps.
        for step in range(1, steps + 1):
            # 5. Train mode: switch it on.
            model.train()

            # 6. Batch: draw random windows and their answers.
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Loss: first get the logits, of shape (B, T, vocab_size).
            logits = model(x)
            #    cross_entropy wants one row per prediction, so put all
            #    positions in one long list: (B*T, vocab_size) and (B*T,).
            vocab_size = logits.shape[-1]
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            # 8. Zero: clear the gradients of the step before.
            optimizer.zero_grad()

            # 9. Backward: compute the new gradients.
            loss.backward()

            # 10. Step: change the weights.
            optimizer.step()

            # 11. Report: item() turns the loss tensor into a plain float.
            loss_value = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 12. Restore: "finally" runs after success and after an error.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save the model and the tokenizer's vocab in one file."""
    # Make a Path, whether we got a str or a Path.
    path = Path(path)

    # Collect all that we need to rebuild both later.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder. uuid4 makes a name that no
    # other file has.
    temporary_path = path.parent / f"{uuid.uuid4().hex}.tmp"

    try:
        # Write the temporary file. The old file at path is not touched yet.
        torch.save(checkpoint, temporary_path)

        # Put the complete file in the place of path, all at once.
        os.replace(temporary_path, path)
    finally:
        # Remove the temporary file after an error. After success it has
        # already moved, and missing_ok=True means that this is fine.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    """Load a file from save_checkpoint and return model, tokenizer."""
    # Read the dict. weights_only=True allows only tensors and simple data,
    # and map_location="cpu" puts all tensors on the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from its characters, without the 3 special tokens.
    characters = checkpoint["vocab"][3:]
    tokenizer = CharTokenizer("".join(characters))

    # Rebuild the model with the same config. Its weights are still random.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode, ready for use.
    model.eval()

    return model, tokenizer
