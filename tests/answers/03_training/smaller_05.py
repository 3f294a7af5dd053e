import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # One window needs block_size ids, plus one more for the last target.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"need at least {block_size + 1} ids for block_size={block_size}, got {len(ids)}"
        )
    # The upper end of randint is excluded, so the last start is len(ids) - block_size - 1.
    starts = torch.randint(
        len(ids) - block_size, (batch_size,), generator=generator, device=generator.device
    )
    # Column of starts + row of offsets = a (batch_size, block_size) table of positions.
    offsets = torch.arange(block_size, device=ids.device)
    positions = starts.to(ids.device)[:, None] + offsets[None, :]
    # The inputs.
    x = ids[positions]
    # The targets: the same windows, one id later.
    y = ids[positions + 1]
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
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # The batches go to wherever the weights are.
    device = next(model.parameters()).device
    # Our own source of randomness for the batches.
    generator = torch.Generator().manual_seed(seed)
    # A second one for dropout, so that it does not change which batches are drawn.
    dropout_generator = torch.Generator().manual_seed(seed)
    # GPUs whose global random state dropout would use (none on the CPU).
    cuda_devices = [device] if device.type == "cuda" else []
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    # Remember the mode of every part of the model.
    modes = [(module, module.training) for module in model.modules()]
    losses = []

    try:
        for step in range(1, steps + 1):
            # Inside the loop, because on_step may have switched to eval mode.
            model.train()
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device), y.to(device)

            dropout_seed = int(torch.randint(2**31, (1,), generator=dropout_generator))
            # Dropout draws from the global random state; fork_rng puts it back afterwards.
            with torch.random.fork_rng(devices=cuda_devices):
                # Not torch.manual_seed: that would also reseed GPUs we have not saved.
                torch.default_generator.manual_seed(dropout_seed)
                for cuda_device in cuda_devices:
                    torch.cuda.default_generators[cuda_device.index].manual_seed(dropout_seed)
                logits = model(x)

            # Treat every position of every window as one prediction; take the mean.
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))
            # Gradients add up in PyTorch, so clear the old ones first.
            optimizer.zero_grad()
            # Compute the gradient of the loss for every weight.
            loss.backward()
            # Change the weights.
            optimizer.step()

            # A plain float; keeping the tensor would hold on to the graph.
            value = loss.item()
            losses.append(value)
            if on_step is not None:
                on_step(step, value)
    finally:
        # Restore the modes, also after an error.
        for module, mode in modes:
            module.training = mode

    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    # Same folder: os.replace is only atomic within one file system.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        torch.save(
            {
                "config": model.config,
                "vocab": tokenizer.vocab,
                "state_dict": model.state_dict(),
            },
            temporary,
        )
        # Only reached when the temporary file is complete.
        os.replace(temporary, path)
    finally:
        # After success it is already gone; after a failure this removes it.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path):
    # weights_only=True refuses pickled code; map_location also lets GPU checkpoints load here.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    # Same sizes first, then the trained weights.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    # The first three entries are special tokens, which the tokenizer adds itself.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    # Turn dropout off for use.
    model.eval()
    return model, tokenizer
