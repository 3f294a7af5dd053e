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
    # A window needs block_size ids, and one more for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, but got only {len(ids)}")

    # Count the places where a window can start.
    number_of_starts = len(ids) - block_size

    # Pick one random start per row: from 0 up to number_of_starts - 1.
    starts = torch.randint(0, number_of_starts, (batch_size,), generator=generator).tolist()

    # Cut out one window per start, and stack the windows as rows.
    x = torch.stack([ids[s : s + block_size] for s in starts])

    # Cut out the answers in the same way. (For the question: the text is 0, 1, 2, 3 and so on.)
    y = torch.stack(
        [ids[s + 1 : s + 1 + block_size] for s in starts]
    )  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    """Train the model and return a list with the loss of each step."""
    # Check the number of steps before anything is changed.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but it is {steps}")

    # Make our own random generator, so the global one stays untouched.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Tell AdamW which parameters it may change, and how fast.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    losses = []
    try:
        for step in range(1, steps + 1):
            # Switch to train mode in each step, because on_step may have changed it.
            # (If MiniGPT has dropout, that layer itself uses PyTorch's global randomness.)
            model.train()

            # Draw a batch: both x and y are (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # Predict: one score per vocabulary entry at each position, (B, T, vocab_size).
            logits = model(x)

            # Compare all positions with their answers.
            # cross_entropy wants one long list, so (B, T) becomes (B * T).
            vocab_size = logits.shape[-1]
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            # Clear the gradients of the step before.
            optimizer.zero_grad()

            # Go backward: compute a new gradient for each parameter.
            loss.backward()

            # Move each parameter a little.
            optimizer.step()

            # Store the loss as a plain Python float.
            loss_value = loss.item()
            losses.append(loss_value)

            # Report the step, if somebody wants to hear about it.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Put the model back into its old mode, even after an error.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save the model and its tokenizer in one file."""
    # Accept both a str and a Path.
    path = Path(path)

    # Collect everything that we need to rebuild both.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder; uuid4 makes it unique.
    temporary_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    try:
        # Write the temporary file; the old file is not touched here.
        with open(temporary_path, "wb") as file:
            torch.save(checkpoint, file)

        # Put the finished file in the place of path, in one move.
        os.replace(temporary_path, path)
    finally:
        # Remove the temporary file after an error; after success it is gone already.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    """Load a file from save_checkpoint and return (model, tokenizer)."""
    # Read the dict; weights_only=True refuses files that try to run code.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from its characters, without the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Rebuild the model; its weights are still random here.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode, so that the model is ready for use.
    model.eval()

    return model, tokenizer
