# Style: a bootcamp graduate: train_step() with five numbered comments, a dict of results, black
"""Train a MiniGPT and store it, the PyTorch workflow way."""

import os
import tempfile
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import torch
from torch import nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(
    ids: torch.Tensor,
    batch_size: int,
    block_size: int,
    generator: torch.Generator,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Creates one batch of features (X) and labels (y) from a text."""
    if len(ids) < block_size + 1:
        raise ValueError(
            f"Need at least {block_size + 1} ids to make a batch, but got {len(ids)}."
        )

    # Pick a random start index for every sample
    start_indices = torch.randint(
        low=0,
        high=len(ids) - block_size,
        size=(batch_size,),
        generator=generator,
    )

    # Turn start indices into features and labels
    X = torch.stack([ids[i : i + block_size] for i in start_indices])
    y = torch.stack([ids[i + 1 : i + 1 + block_size] for i in start_indices])
    return X, y


def train_step(
    model: nn.Module,
    X: torch.Tensor,
    y: torch.Tensor,
    loss_fn: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Trains a PyTorch model on a single batch and returns the loss."""
    # 1. Forward pass
    y_logits = model(X)

    # 2. Calculate loss
    loss = loss_fn(y_logits.flatten(0, 1), y.flatten())

    # 3. Optimizer zero grad
    optimizer.zero_grad()

    # 4. Loss backward
    loss.backward()

    # 5. Optimizer step
    optimizer.step()

    return loss.item()


def train(
    model: nn.Module,
    ids: torch.Tensor,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> List[float]:
    """Trains a PyTorch model for a number of steps."""
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, but got {steps}.")

    # Create loss function, optimizer and source of randomness
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(params=model.parameters(), lr=learning_rate)
    generator = torch.Generator().manual_seed(seed)

    # Create empty results dictionary
    results: Dict[str, List[float]] = {"step": [], "train_loss": []}

    # Put the model in train mode (and remember which mode it was in)
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            X, y = get_batch(ids, batch_size, block_size, generator)
            train_loss = train_step(model, X, y, loss_fn, optimizer)

            # Update results dictionary
            results["step"].append(step)
            results["train_loss"].append(train_loss)

            # Tell the caller what is happening
            if on_step is not None:
                on_step(step, train_loss)
    finally:
        model.train(mode=was_training)

    return results["train_loss"]


def save_checkpoint(path, model: nn.Module, tokenizer: CharTokenizer) -> None:
    """Saves a model to a target path, all or nothing."""
    target_path = Path(path)
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "model_state_dict": model.state_dict(),
    }
    handle, temp_name = tempfile.mkstemp(dir=target_path.parent, suffix=".tmp")
    os.close(handle)
    try:
        torch.save(checkpoint, temp_name)
        os.replace(temp_name, target_path)
    except BaseException:
        os.unlink(temp_name)
        raise


def load_checkpoint(path) -> Tuple[nn.Module, CharTokenizer]:
    """Loads what save_checkpoint() saved."""
    checkpoint = torch.load(f=path, map_location="cpu", weights_only=True)

    loaded_model = MiniGPT(**checkpoint["config"])
    loaded_model.load_state_dict(checkpoint["model_state_dict"])
    loaded_model.eval()

    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    return loaded_model, tokenizer
