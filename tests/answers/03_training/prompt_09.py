import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # Count the possible start places: each needs block_size + 1 ids from there on.
    number_of_starts = len(ids) - block_size

    # Stop if not even one window and its last answer fit.
    if number_of_starts < 1:
        raise ValueError(f"need at least {block_size + 1} ids, but got {len(ids)}")

    # Draw one start place per row, from 0 to number_of_starts - 1.
    starts = torch.randint(number_of_starts, (batch_size,), generator=generator).tolist()

    # Cut out the input windows and stack them as rows: (batch_size, block_size).
    x = torch.stack([ids[start : start + block_size] for start in starts])

    # Cut out the answer windows in the same way.
    y = torch.stack(
        [ids[start + 1 : start + 1 + block_size] for start in starts]
    )  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # 1. Check the number of steps.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, but got {steps}")

    # 2. Make a private random generator with the seed.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Make the optimizer and give it the model's weights.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    losses = []
    try:
        for step in range(1, steps + 1):
            # 5. Switch to train mode.
            model.train()

            # 6. Draw a batch: x and y are both (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Run the model: logits is (B, T, vocab_size).
            logits = model(x)

            # 8. Put all positions in one long row, and average their cross-entropy.
            vocab_size = logits.size(-1)
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            # 9. Set the old gradients to zero (PyTorch does it by removing them).
            optimizer.zero_grad()

            # 10. Go backward: compute the new gradients.
            loss.backward()

            # 11. Change the weights a little.
            optimizer.step()

            # 12. Store the loss as a plain float.
            loss_value = loss.item()
            losses.append(loss_value)

            # 13. Report this step, if someone wants to know.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 14. Restore the old mode; "finally" runs even after an error.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    # Turn a str into a Path; a Path stays a Path.
    path = Path(path)

    # Collect everything that we need to rebuild the model and the tokenizer.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder; uuid4 makes it unique.
    temporary_path = path.parent / f"{uuid.uuid4().hex}.tmp"

    try:
        # Write the whole temporary file; "with" closes it at the end.
        with open(temporary_path, "wb") as file:
            torch.save(checkpoint, file)

        # Put the complete file in the place of path, in one move.
        os.replace(temporary_path, path)
    finally:
        # Remove the temporary file after an error; after a success it is already gone.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # Read the dict: only plain data and tensors are allowed, and all tensors go to the CPU.
    checkpoint = torch.load(path, weights_only=True, map_location="cpu")

    # Rebuild the tokenizer from the characters, without the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Rebuild the model with the same config; its weights are still random here.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Switch to eval mode.
    model.eval()

    return model, tokenizer
