import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # A window plus the one id after it must fit into ids.
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {len(ids)}")

    # The upper end of randint is excluded: the last start is len(ids) - block_size - 1.
    starts = torch.randint(
        0,
        len(ids) - block_size,
        (batch_size,),
        generator=generator,
        device=generator.device,
    ).to(ids.device)

    # (batch_size, 1) + (block_size,) broadcasts to (batch_size, block_size).
    positions = starts[:, None] + torch.arange(block_size, device=ids.device)

    # y is read one place further on than x.
    return ids[positions], ids[positions + 1]


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    device = next(model.parameters()).device
    cuda_devices = [device] if device.type == "cuda" else []

    # A generator of our own draws the batches.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # Remember the mode of the model and of each of its parts.
    modes = {module: module.training for module in model.modules()}
    losses = []

    try:
        for step in range(1, steps + 1):
            # Set in every step, because on_step may have called model.eval().
            model.train()

            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device), y.to(device)

            # Dropout always draws from the global state: fork_rng puts that state back.
            with torch.random.fork_rng(devices=cuda_devices):
                # A new seed per step, or every step would drop the same places.
                step_seed = (seed + step) % 2**63
                torch.default_generator.manual_seed(step_seed)
                if cuda_devices:
                    with torch.cuda.device(device):
                        torch.cuda.manual_seed(step_seed)
                logits = model(x)

            # Every position of every window counts as one prediction.
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # Clear the old gradients, or the new ones would be added to them.
            optimizer.zero_grad()
            # Compute the gradient of the loss for each weight.
            loss.backward()
            # Change the weights.
            optimizer.step()

            # item() gives a plain float, which keeps no graph in memory.
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, losses[-1])
    finally:
        # Restore the modes, also after an error.
        for module, was_training in modes.items():
            module.training = was_training

    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Same folder, so same file system: only then is the replacement a single step.
    temp_path = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        # "x" refuses to open a file that already exists.
        with open(temp_path, "xb") as file:
            torch.save(checkpoint, file)
        # Reached only if the new file was written and closed without an error.
        os.replace(temp_path, path)
    finally:
        # After a failure this removes the rest; after success nothing is left to remove.
        temp_path.unlink(missing_ok=True)


def load_checkpoint(path):
    # weights_only=True refuses files that would run foreign code while loading.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Build a model of the same shape, then overwrite its random weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])

    # The first three entries are left out; the rest are the characters.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Eval mode switches dropout off for use.
    model.eval()
    return model, tokenizer
