import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# The first three entries of vocab are special tokens, not characters.
NUM_SPECIAL_TOKENS = 3


def get_batch(ids, batch_size, block_size, generator):
    # Count the places where a window can start.
    # A window needs block_size ids, plus one more id for its last answer.
    num_starts = len(ids) - block_size

    # Stop if not even one window fits.
    if num_starts < 1:
        raise ValueError(f"need at least {block_size + 1} ids (block_size + 1), got {len(ids)}")

    # Draw one random start for each row: 0, 1, ..., num_starts - 1.
    # randint never draws its upper limit, so num_starts itself cannot occur.
    starts = torch.randint(0, num_starts, (batch_size,), generator=generator)

    # Turn the tensor of starts into a list of plain Python ints.
    starts = starts.tolist()

    # Cut out one window for each start, and stack them as the rows of x.
    x = torch.stack([ids[s : s + block_size] for s in starts])

    # Cut out the answers for each window in the same way.
    # For the prediction, assume that the text is 0, 1, 2, 3 and so on.
    y = torch.stack(
        [ids[s + 1 : s + 1 + block_size] for s in starts]
    )  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # 1. Check that there is at least one step to do.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # 2. Make our own random generator. It leaves PyTorch's global one alone.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Make the optimizer. The learning rate stays the same in all steps.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Remember the mode: True means train mode, False means eval mode.
    was_training = model.training

    losses = []
    try:
        # Count the steps from 1 up to and including steps.
        for step in range(1, steps + 1):
            # 5. Use train mode. We set it in each step, because on_step may
            #    have switched the model to eval mode, to write a sample.
            #    Note: if MiniGPT has dropout, the dropout layers draw from
            #    PyTorch's global random numbers, not from our generator.
            model.train()

            # 6. Draw a batch. x and y have the shape (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Compute the logits. Their shape is (B, T, vocab_size).
            logits = model(x)

            # 8. Compute the mean cross-entropy of all B * T positions.
            #    flatten puts all positions into one long row:
            #    logits become (B * T, vocab_size), and y becomes (B * T).
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # 9. Clear the gradients of the step before.
            optimizer.zero_grad()

            # 10. Go backward: compute a gradient for each weight.
            loss.backward()

            # 11. Change the weights.
            optimizer.step()

            # 12. Store the loss. item() turns the tensor into a float.
            loss_value = loss.item()
            losses.append(loss_value)

            # 13. Report this step, if somebody wants to know.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 14. Put the old mode back. finally runs after an error, too.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    # Turn path into a Path, if it is a str.
    path = Path(path)

    # Choose a temporary name in the same folder.
    # uuid4 makes a new random name, so that we do not overwrite another file.
    temporary_path = path.parent / f"{uuid.uuid4().hex}.tmp"

    # Collect all that we need to rebuild the model and the tokenizer.
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }

    try:
        # Write the temporary file. The old file at path is not touched yet.
        torch.save(checkpoint, temporary_path)

        # Put the complete new file in the place of path, in one move.
        os.replace(temporary_path, path)
    finally:
        # Delete the temporary file if it is still there after an error.
        # After a success it has moved away, and missing_ok=True accepts that.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # Read the dict. weights_only=True accepts only tensors and simple data,
    # so a bad file cannot run code. map_location="cpu" puts tensors on the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Rebuild the tokenizer from its characters, without the special tokens.
    characters = checkpoint["vocab"][NUM_SPECIAL_TOKENS:]
    tokenizer = CharTokenizer("".join(characters))

    # Build a new model of the same shape. Its weights are still random.
    model = MiniGPT(**checkpoint["config"])

    # Replace the random weights with the saved ones.
    model.load_state_dict(checkpoint["state_dict"])

    # Put the model into eval mode, so that it is ready for use.
    model.eval()

    return model, tokenizer
