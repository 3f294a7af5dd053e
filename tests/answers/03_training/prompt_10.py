import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # A window needs block_size ids, plus one more id for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids for one window, got {len(ids)}")

    # Count the places where a window and its last answer fit.
    number_of_starts = len(ids) - block_size

    # Draw one start per row, from 0 to number_of_starts - 1 (the upper end is excluded).
    starts = torch.randint(0, number_of_starts, (batch_size,), generator=generator)

    # Cut out each window, and the same window one id later.
    x_rows = []
    y_rows = []
    for start in starts.tolist():
        end = start + block_size
        x_rows.append(ids[start:end])
        y_rows.append(ids[start + 1 : end + 1])  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    # Put the rows on top of each other: (batch_size, block_size).
    x = torch.stack(x_rows)
    y = torch.stack(y_rows)
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # 1. Check the number of steps.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 2. Make our own generator; the global random state is not touched here.
    #    (Dropout inside a model, if there is any, still uses the global one.)
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Make the optimizer, and tell it which weights it may change.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    # Collect one loss per step.
    losses = []

    # "finally" below runs in any case, with or without an error.
    try:
        # Count the steps from 1 up to and including steps.
        for step in range(1, steps + 1):
            # 5. Switch to train mode, each time, as on_step may have changed it.
            model.train()

            # 6. Draw a batch: x and y are both (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Compute the logits: (B, T, vocab_size).
            logits = model(x)

            # 8. Merge B and T into one long list of positions, and average their losses.
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # 9. Set the gradients to zero.
            optimizer.zero_grad()

            # 10. Go backward: compute the new gradients.
            loss.backward()

            # 11. Change the weights.
            optimizer.step()

            # 12. Turn the loss tensor into a float and keep it.
            loss_value = loss.item()
            losses.append(loss_value)

            # 13. Report the step, if somebody wants to know.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 14. Put the model back into its old mode.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    # Accept a str or a Path: from here on it is a Path.
    path = Path(path)

    # Choose an unused name in the same folder (uuid4 gives a unique random name).
    temporary_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    # Collect all that is needed to rebuild the model and the tokenizer.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    try:
        # Write the temporary file; an old file at path stays as it is.
        torch.save(checkpoint, temporary_path)

        # Put the complete file in the place of path, in one move.
        os.replace(temporary_path, path)
    finally:
        # Delete the temporary file if it is still there, which is only so after an error.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # Read the dict: only plain data and tensors are allowed, and tensors go to the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from the characters, without the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Build a new model with the same config, then fill in the saved weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode, so that the model is ready to be used.
    model.eval()
    return model, tokenizer
