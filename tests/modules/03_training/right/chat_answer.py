"""trainer.py - loop 3 of 4: training a small GPT.

This file contains four functions:

* get_batch        - cuts random windows (and their answers) out of the text
* train            - the training loop
* save_checkpoint  - writes the model and the tokenizer to disk safely
* load_checkpoint  - reads them back
"""

import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Return a random batch (x, y), both of shape (batch_size, block_size)."""
    # A window needs block_size ids, plus one more id for its last answer.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"need at least {block_size + 1} ids for block_size={block_size}, got {len(ids)}"
        )

    # Pick a random start position for each row. randint excludes the upper bound.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator)

    # Each row of x is a window of the text.
    x = torch.stack([ids[s : s + block_size] for s in starts.tolist()])

    # Each row of y is the same window, shifted by one.
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    y = torch.stack([ids[s + 1 : s + 1 + block_size] for s in starts.tolist()])

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
    """Train the model and return the list of losses, one float per step."""
    # Training for zero steps makes no sense.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # Our own source of randomness, so that the global random state stays untouched.
    generator = torch.Generator().manual_seed(seed)

    # AdamW adjusts every parameter of the model.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the current mode, then switch to training mode.
    was_training = model.training
    model.train()

    losses = []
    try:
        for step in range(1, steps + 1):
            # 1. Draw a batch of windows and their answers.
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 2. Forward pass: the model scores every possible next character.
            logits = model(x)

            # 3. Compare the scores with the right answers, over all positions.
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))

            # 4. Forget old gradients, compute new ones, update the parameters.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            # 5. Keep the loss as a plain Python number.
            value = loss.item()
            losses.append(value)

            # 6. Report progress if somebody is listening.
            if on_step is not None:
                on_step(step, value)
    finally:
        # Put the model back into the mode it was in.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Save the model and tokenizer to path without ever damaging an old file."""
    path = Path(path)

    # Everything that is needed to rebuild the model and the tokenizer.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "model_state_dict": model.state_dict(),
    }

    # Create a temporary file in the same folder.
    handle, temp_name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        # Write the complete checkpoint to the temporary file.
        with os.fdopen(handle, "wb") as file:
            torch.save(checkpoint, file)

        # Only now swap it into place. This happens in a single step.
        os.replace(temp_name, path)
    except BaseException:
        # Something went wrong: clean up, then pass the error on.
        os.unlink(temp_name)
        raise


def load_checkpoint(path):
    """Load a checkpoint and return (model, tokenizer)."""
    # weights_only=True means that the file cannot run any code.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from the characters after the three special tokens.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Rebuild the model with the same configuration, then fill in the trained weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["model_state_dict"])

    # Evaluation mode: the model is ready to be used.
    model.eval()

    return model, tokenizer
