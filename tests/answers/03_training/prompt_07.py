"""trainer.py: train a MiniGPT, save it, and load it again."""

import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Cut random windows x, and their answers y, out of the text."""
    # One window needs block_size ids, plus one more id for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids for one window, got {len(ids)}")

    # Count the places where a window and its last answer fit.
    number_of_starts = len(ids) - block_size

    # Draw one place per row, from 0 to number_of_starts - 1.
    starts = torch.randint(0, number_of_starts, (batch_size,), generator=generator)

    # Turn the places into plain Python integers, to slice with them.
    starts = starts.tolist()

    # Cut out one window per place, and stack the windows as the rows of x.
    x = torch.stack([ids[s : s + block_size] for s in starts])

    # Cut out the same windows again, one id later.
    y = torch.stack(
        [ids[s + 1 : s + 1 + block_size] for s in starts]
    )  # PREDICT: which ids are in y, if x is [5, 6, 7]?

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
    """Train the model on ids, and return the loss of each step."""
    # 1. Without at least one step there is nothing to do.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 2. Make our own source of random numbers, used for the batches.
    #    (Dropout inside the model, if it has any, cannot use this generator:
    #    PyTorch's dropout always draws from the global one.)
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Give the optimizer all weights of the model.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Remember the mode (True means train mode), then switch to train mode.
    was_training = model.training
    model.train()

    losses = []
    try:
        # Count from 1 up to and including steps.
        for step in range(1, steps + 1):
            # 5. Draw a batch: x and y have the shape (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 6. Ask the model for its scores: shape (B, T, vocab_size).
            logits = model(x)

            # 7. Join B and T into one long list of B * T positions, and
            #    compute the average cross-entropy over all of them.
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # 8. Clear the gradients of the previous step.
            optimizer.zero_grad()

            # 9. Compute the new gradients.
            loss.backward()

            # 10. Change the weights.
            optimizer.step()

            # 11. Turn the loss tensor into a float, and keep it.
            loss_value = loss.item()
            losses.append(loss_value)

            # 12. Report this step to the caller, if wanted.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 13. "finally" runs after success and after an error alike.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save the model and the tokenizer in one file."""
    # Accept a str or a Path.
    path = Path(path)

    # Collect everything that is needed to rebuild both.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder; uuid4 makes it unique.
    temporary_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    try:
        # Write the temporary file; an old file at path is not touched yet.
        torch.save(checkpoint, temporary_path)

        # Put the complete file in the place of path, in a single move.
        os.replace(temporary_path, path)
    finally:
        # After success the temporary file has moved away; after an error
        # it may still be here, so remove it.
        if temporary_path.exists():
            temporary_path.unlink()


def load_checkpoint(path):
    """Load a model and its tokenizer from a file of save_checkpoint."""
    # Read the dict: only plain data and tensors are allowed, all on the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from the characters after the 3 special tokens.
    characters = checkpoint["vocab"][3:]
    tokenizer = CharTokenizer("".join(characters))

    # Build a new model of the same shape; its weights are still random.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode, for using the model instead of training it.
    model.eval()

    return model, tokenizer
