import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # Check the length: a window needs block_size ids, and its last answer needs one more.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, but got {len(ids)}")

    # Count the possible starting places: 0, 1, ..., number_of_starts - 1.
    number_of_starts = len(ids) - block_size

    # Draw one starting place per row (randint never returns the upper limit itself).
    starts = torch.randint(number_of_starts, (batch_size,), generator=generator)

    x_rows = []
    y_rows = []
    for start in starts.tolist():
        # A slice stops just before its end, so this window has block_size ids.
        end = start + block_size

        # Cut out one row of x.
        x_rows.append(ids[start:end])

        # Cut out its row of y (for PREDICT, the text is 0, 1, 2, 3 and so on).
        y_rows.append(ids[start + 1 : end + 1])  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    # Stack the rows into two tensors of shape (batch_size, block_size).
    x = torch.stack(x_rows)
    y = torch.stack(y_rows)
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # Check the number of steps.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but got {steps}")

    # Make our own source of random numbers, separate from PyTorch's global one.
    # (If the model has dropout, its layers still use the global one; train cannot change that.)
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Give all weights of the model to AdamW; the learning rate stays the same all the time.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    losses = []
    try:
        # Count the steps from 1 up to and including steps.
        for step in range(1, steps + 1):
            # Switch to train mode (in every step, because on_step may have changed it).
            model.train()

            # Draw a batch: x and y both have shape (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # Ask the model for its scores: logits has shape (B, T, vocab_size).
            logits = model(x)

            # Make one long list of all B * T positions, and take their mean cross-entropy.
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # Clear the gradients of the step before.
            optimizer.zero_grad()

            # Go backward: compute the gradient of the loss for each weight.
            loss.backward()

            # Let AdamW change each weight a little.
            optimizer.step()

            # Store the loss as a plain Python float.
            loss_value = loss.item()
            losses.append(loss_value)

            # Report this step, if the caller wants to hear about it.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Put the model back into its old mode; "finally" runs after an error too.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    # Accept a str or a Path.
    path = Path(path)

    # Choose a temporary name in the same folder; uuid4 makes it unique.
    temporary_path = path.parent / f".{uuid.uuid4().hex}.tmp"

    try:
        # Collect everything that we need to rebuild the model and the tokenizer.
        checkpoint = {
            "config": model.config,
            "vocab": tokenizer.vocab,
            "state_dict": model.state_dict(),
        }

        # Write the temporary file ("x" means: create a new file, "b" means: bytes).
        with open(temporary_path, "xb") as file:
            torch.save(checkpoint, file)

        # Put the finished file in the place of path, in one go.
        os.replace(temporary_path, path)
    finally:
        # Remove the temporary file after an error; after a success it is already gone.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # Read the dict: only plain data and tensors are allowed, and the tensors go to the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from its characters, without the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Build a new model of the same shape.
    model = MiniGPT(**checkpoint["config"])

    # Copy the saved weights into it.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode.
    model.eval()
    return model, tokenizer
