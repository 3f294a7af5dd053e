import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # Count the possible start places. A window needs block_size ids,
    # and its last answer needs one more id after the window.
    num_starts = len(ids) - block_size
    if num_starts < 1:
        raise ValueError(f"need at least {block_size + 1} ids for one window, got {len(ids)}")

    # Draw one random start for each row: from 0 to num_starts - 1
    # (randint never returns its upper end). The shape is (batch_size, 1).
    starts = torch.randint(0, num_starts, (batch_size, 1), generator=generator)

    # Turn each start into a row of places in the text. For example, start 40
    # with block_size 3 becomes 40, 41, 42. PyTorch stretches (batch_size, 1)
    # plus (block_size,) to the shape (batch_size, block_size).
    positions = starts + torch.arange(block_size)

    # Read the ids at these places: the input of the model.
    x = ids[positions]

    # Read the answers.
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # 1. Check the number of steps before anything changes.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 2. Make our own random generator. This seeds only this one object,
    #    not PyTorch's global random state.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Give all the weights of the model to the optimizer.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Remember the mode: True is train mode, False is eval mode.
    was_training = model.training

    losses = []
    try:
        for step in range(1, steps + 1):
            # 5. Go into train mode. We do it in each step, because on_step
            #    may have put the model into eval mode.
            model.train()

            # 6. Draw a batch of windows and answers.
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Predict, then measure the loss. cross_entropy wants one row
            #    of logits for each answer, so we join B and T into one axis.
            #    (If your MiniGPT has dropout, that layer itself uses PyTorch's
            #    global random state. Nothing in this function does.)
            logits = model(x)  # (B, T, vocab_size)
            vocab_size = logits.shape[-1]
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            # 8. Clear the gradients of the step before.
            optimizer.zero_grad()

            # 9. Compute the new gradients.
            loss.backward()

            # 10. Change the weights.
            optimizer.step()

            # 11. Keep the loss as a plain float and report it.
            loss_value = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 12. Put the model back into its old mode. "finally" runs
        #     after an error, too.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    # Accept a str or a Path.
    path = Path(path)

    # Collect all that is needed to build both objects again.
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }

    # Choose a temporary name in the same folder. The random part makes sure
    # that we do not overwrite some other file.
    temp_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")

    try:
        # Write the temporary file. "with" closes it, also after an error.
        with open(temp_path, "wb") as file:
            torch.save(checkpoint, file)

            # Make sure that all of it is really on the disk.
            file.flush()
            os.fsync(file.fileno())

        # Put the finished file in the place of path, in one move.
        os.replace(temp_path, path)
    finally:
        # Remove the temporary file if it is still there. After a success
        # it is already gone, and missing_ok=True accepts that.
        temp_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # Read the dict. weights_only=True refuses files that could run code;
    # map_location="cpu" also loads weights that were saved on a GPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from the characters, without the first three
    # entries: these are the special tokens, which it adds by itself.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Build a new model of the same size, then copy the saved weights into it.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])

    # Go into eval mode: the model is now for use, not for training.
    model.eval()

    return model, tokenizer
