"""Train a MiniGPT, save it to a file, and load it again."""

import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Return random windows x and their answers y, both (batch_size, block_size)."""
    # Count the possible start places; a window and its last answer need block_size + 1 ids.
    number_of_starts = len(ids) - block_size

    # Stop if not even one window fits.
    if number_of_starts < 1:
        raise ValueError(f"need at least block_size + 1 = {block_size + 1} ids, but got {len(ids)}")

    # Draw one start per row, from 0 to number_of_starts - 1 (randint leaves out its upper limit).
    starts = torch.randint(number_of_starts, (batch_size,), generator=generator)

    # Turn the tensor into a plain list of ints, so that we can slice with them.
    starts = starts.tolist()

    # Cut out one window per start, and stack the windows as rows.
    x = torch.stack([ids[s : s + block_size] for s in starts])

    # Cut out the answers in the same way.
    # (For PREDICT, assume that the text is 0, 1, 2, 3 and so on.)
    y = torch.stack(
        [ids[s + 1 : s + block_size + 1] for s in starts]
    )  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    """Train the model on ids, and return the loss of each step as a list of float."""
    # Check steps before anything is changed.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but got {steps}")

    # Make our own generator; the seed decides which batches it will pick.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Make the optimizer, and give it all the weights that it may change.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    losses = []

    # "try ... finally" makes sure that the mode is restored, even after an error.
    try:
        for step in range(1, steps + 1):
            # Switch to train mode, in every step, because on_step may have switched to eval mode.
            model.train()

            # Draw a batch: windows x and answers y, both of shape (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # Compute the logits, of shape (B, T, vocab_size).
            # (If your model has dropout, dropout itself uses PyTorch's global random state;
            # our seed does not control that.)
            logits = model(x)

            # Compute the mean loss of all positions.
            # flatten makes one long list of B * T positions, as cross_entropy expects:
            # logits become (B * T, vocab_size), and y becomes (B * T).
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # Set the gradients of the last step to zero.
            optimizer.zero_grad()

            # Go backward: compute a new gradient for each weight.
            loss.backward()

            # Step: change each weight a little.
            optimizer.step()

            # Record the loss; item() turns a tensor with one number into a float.
            loss_value = loss.item()
            losses.append(loss_value)

            # Report this step, if a function was given.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Put the model back into the mode that it was in.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save the model and the tokenizer; an old file at path stays whole if this fails."""
    # Accept both a str and a Path.
    path = Path(path)

    # Collect everything that is needed to rebuild both.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder; uuid4 makes a name that no other file has.
    temporary_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    try:
        # Write the temporary file ("wb" means: write bytes), and close it.
        with open(temporary_path, "wb") as file:
            torch.save(checkpoint, file)

        # Put the complete file in the place of path, in one move.
        os.replace(temporary_path, path)
    finally:
        # After an error, delete the temporary file.
        # After a success it has moved already, and missing_ok=True allows that it is gone.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    """Load what save_checkpoint saved, and return the model and the tokenizer."""
    # Read the dict; weights_only=True refuses files that try to run code,
    # and map_location="cpu" puts all tensors on the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from its characters, without the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Rebuild the model in its old shape; its weights are still random here.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights by the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Put the model into eval mode.
    model.eval()

    return model, tokenizer
