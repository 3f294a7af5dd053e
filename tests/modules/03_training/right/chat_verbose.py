"""Training utilities for the mini GPT.

This module contains everything that is needed to

* cut random training windows out of a text,
* run the training loop,
* save the trained model together with its tokenizer, and
* load both of them again.
"""

import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# The first three tokens of every vocabulary are special tokens.
NUM_SPECIAL_TOKENS = 3


# ----------------------------------------------------------------------
# Batches
# ----------------------------------------------------------------------


def _check_text_is_long_enough(ids, block_size):
    """Raise a ValueError if not even one window fits into the text."""
    needed = block_size + 1
    if len(ids) < needed:
        raise ValueError(f"The text has {len(ids)} ids, but at least {needed} are needed.")


def _choose_start_positions(num_ids, batch_size, block_size, generator):
    """Pick one random start position for each window."""
    # randint never returns its upper end, so this is one more than the last start.
    upper_end = num_ids - block_size
    starts = torch.randint(0, upper_end, (batch_size,), generator=generator)
    return starts.tolist()


def get_batch(ids, batch_size, block_size, generator):
    """Return a batch of inputs x and targets y."""
    # Step 1: make sure that there is enough text.
    _check_text_is_long_enough(ids, block_size)

    # Step 2: choose where each window starts.
    starts = _choose_start_positions(len(ids), batch_size, block_size, generator)

    # Step 3: cut out the windows, and the same windows one id later.
    inputs = []
    targets = []
    for start in starts:
        end = start + block_size
        inputs.append(torch.as_tensor(ids[start:end], dtype=torch.int64))
        # PREDICT: which ids are in y, if x is [5, 6, 7]?
        targets.append(torch.as_tensor(ids[start + 1 : end + 1], dtype=torch.int64))

    # Step 4: stack the windows on top of each other.
    x = torch.stack(inputs)
    y = torch.stack(targets)
    return x, y


# ----------------------------------------------------------------------
# Training
# ----------------------------------------------------------------------


def _compute_loss(model, x, y):
    """Return the average cross-entropy over all positions of the batch."""
    logits = model(x)
    vocab_size = logits.size(-1)
    flat_logits = logits.reshape(-1, vocab_size)
    flat_targets = y.reshape(-1)
    return F.cross_entropy(flat_logits, flat_targets)


def _training_step(model, optimizer, x, y):
    """Learn from one batch and return the loss as a plain number."""
    loss = _compute_loss(model, x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


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
    """Train the model and return the list of losses."""
    # Step 1: validate the number of steps.
    if steps < 1:
        raise ValueError("steps must be at least 1.")

    # Step 2: create a private random number generator, so nothing global changes.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Step 3: create the optimizer.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Step 4: remember the current mode, then switch to train mode.
    was_training = model.training
    model.train()

    # Step 5: the training loop.
    losses = []
    try:
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            loss_value = _training_step(model, optimizer, x, y)
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Step 6: put the model back into its old mode.
        model.train(was_training)

    return losses


# ----------------------------------------------------------------------
# Checkpoints
# ----------------------------------------------------------------------


def _build_checkpoint(model, tokenizer):
    """Collect everything that has to be saved in one plain dict."""
    return {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }


def _remove_if_present(file_name):
    """Delete a file, and do not complain if it is gone already."""
    try:
        os.remove(file_name)
    except FileNotFoundError:
        pass


def save_checkpoint(path, model, tokenizer):
    """Save the model and the tokenizer without ever leaving a half-written file."""
    path = Path(path)

    # Step 1: collect the contents.
    checkpoint = _build_checkpoint(model, tokenizer)

    # Step 2: create a temporary file in the same folder.
    handle, temporary_name = tempfile.mkstemp(
        dir=path.parent, prefix=path.name + ".", suffix=".tmp"
    )
    os.close(handle)

    # Step 3: write it, then move it into place. Clean up after any error.
    try:
        torch.save(checkpoint, temporary_name)
        os.replace(temporary_name, path)
    except BaseException:
        _remove_if_present(temporary_name)
        raise


def load_checkpoint(path):
    """Load a model and its tokenizer from a file."""
    # Step 1: read the file safely.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Step 2: rebuild the tokenizer from the characters only.
    characters = checkpoint["vocab"][NUM_SPECIAL_TOKENS:]
    tokenizer = CharTokenizer("".join(characters))

    # Step 3: rebuild the model and restore its parameters.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])

    # Step 4: switch to eval mode, because the model is going to be used.
    model.eval()
    return model, tokenizer
