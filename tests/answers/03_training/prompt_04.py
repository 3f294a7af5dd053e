"""Train a MiniGPT, save it to a file, and load it again."""

import os
import uuid
from pathlib import Path

import torch
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Draw random windows x from the text, and their answers y."""
    # One window needs block_size ids, plus one more id for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, but got {len(ids)}")

    # Count the places where a window and its last answer fit.
    number_of_starts = len(ids) - block_size

    # Pick one random start per row, from 0 to number_of_starts - 1: a column (batch_size, 1).
    starts = torch.randint(0, number_of_starts, (batch_size, 1), generator=generator)

    # Add 0, 1, 2, ... to each start: the places of all ids in x, (batch_size, block_size).
    positions = starts + torch.arange(block_size)

    # Look up the ids at these places.
    x = ids[positions]

    # Look up the answers: the id that follows each id in x.
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    """Train the model on the text, and return the loss of each step."""
    # Check the number of steps.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but got {steps}")

    # Make our own source of random numbers for the batches.
    # (Dropout, if your model has it, does not use this one: it draws from PyTorch's global one.)
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Make the optimizer: the part that changes the weights.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the mode of the model: True is train mode, False is eval mode.
    was_training = model.training

    # Collect one loss per step here.
    losses = []

    try:
        for step in range(1, steps + 1):
            # Switch to train mode, in every step, because on_step may have changed the mode.
            model.train()

            # Draw a batch: x and y are both (batch_size, block_size).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # Forward: compute the logits, (batch_size, block_size, vocab_size).
            logits = model(x)

            # Put all positions into one long list, and compute their mean cross-entropy.
            vocab_size = logits.shape[-1]
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            # Clear the gradients of the step before.
            optimizer.zero_grad()

            # Backward: compute a new gradient for each weight.
            loss.backward()

            # Step: change each weight a little.
            optimizer.step()

            # Store the loss as a plain float.
            loss_value = loss.item()
            losses.append(loss_value)

            # Report this step, if the caller wants that.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Put the model back into its old mode. "finally" runs after an error too.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save all that is needed to rebuild the model and the tokenizer."""
    # Accept a str or a Path.
    path = Path(path)

    # Collect everything in one dict.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder. uuid4 makes a name that nobody else uses.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    try:
        # Write the temporary file. If this fails, the old file is untouched.
        torch.save(checkpoint, temporary)

        # Put the finished file in the place of the old one, all at once.
        os.replace(temporary, path)
    finally:
        # Remove the temporary file if it is still there. After a success it is already gone.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path):
    """Rebuild the model and the tokenizer from a saved file."""
    # Read the dict. weights_only=True refuses files that try to run code of their own.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from the characters, which come after the 3 special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Rebuild the model with the same config. Its weights are still random.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode: ready to use, not to train.
    model.eval()

    return model, tokenizer
