import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # A window plus the one id after it must fit at least once.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"need at least {block_size + 1} ids for block_size={block_size}, got {len(ids)}"
        )
    # The upper bound of randint is excluded: the last start is len(ids) - block_size - 1.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator)
    # (batch_size, 1) + (block_size,) broadcasts to (batch_size, block_size).
    positions = starts[:, None] + torch.arange(block_size)
    # The input: the ids at these positions.
    x = ids[positions]
    # The target: the same windows, one id later.
    y = ids[positions + 1]
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # Our own generator chooses the batches, so the same seed gives the same batches.
    generator = torch.Generator().manual_seed(seed)
    # A separate random state for dropout, also fixed by the seed.
    dropout_state = torch.Generator().manual_seed(seed).get_state()
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    # Remember the mode of the model and of each of its parts.
    modes = [(module, module.training) for module in model.modules()]
    losses = []

    try:
        for step in range(1, steps + 1):
            # Set inside the loop, in case on_step switched the model to eval mode.
            model.train()
            x, y = get_batch(ids, batch_size, block_size, generator)
            # Gradients add up in PyTorch, so clear those of the last step.
            optimizer.zero_grad()

            # fork_rng puts the global CPU random state back at the end of the block.
            with torch.random.fork_rng(devices=[]):
                # Continue the dropout numbers where the last step stopped.
                torch.set_rng_state(dropout_state)
                # Logits of shape (batch_size, block_size, vocabulary size).
                logits = model(x)
                # Every position of every window counts as one prediction.
                loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
                # Compute the gradient of the loss for every weight.
                loss.backward()
                # Keep the dropout state for the next step.
                dropout_state = torch.get_rng_state()

            # Change the weights using the gradients.
            optimizer.step()
            # item() gives a plain float that does not keep the graph in memory.
            loss_value = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Restore the modes, even if a step or on_step raised an error.
        for module, mode in modes:
            module.training = mode

    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }
    # Same folder means same file system, which os.replace needs to swap in one go.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        # If this fails, the file at path has not been touched.
        torch.save(checkpoint, temporary)
        # The new file takes the place of the old one in a single step.
        os.replace(temporary, path)
    finally:
        # After a failure this removes the rest; after success there is nothing to remove.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path):
    # Load only tensors and plain data, and put all tensors on the CPU.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    # Build a model of the same shape; its fresh random weights are replaced next.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    # The first three entries are skipped: CharTokenizer adds them by itself.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    # Switch off dropout.
    model.eval()
    return model, tokenizer
