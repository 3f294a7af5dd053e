# style: answer of a chat assistant, formatted by black: many small private helpers, long names
import os
from pathlib import Path
from typing import Callable, List, Optional, Tuple, Union

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

NUM_SPECIAL_TOKENS = 3
MAX_GRAD_NORM = 1.0


def get_batch(
    ids: torch.Tensor,
    batch_size: int,
    block_size: int,
    generator: torch.Generator,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Return a random batch of inputs and of targets, which are one token later."""
    # We need block_size inputs plus one extra token for the last target.
    num_starts = ids.size(0) - block_size
    if num_starts <= 0:
        raise ValueError(
            f"Need at least {block_size + 1} ids, but got {ids.size(0)}."
        )

    # Pick one random starting position per row.
    starts = torch.randint(
        low=0,
        high=num_starts,
        size=(batch_size,),
        generator=generator,
    )

    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    x = torch.stack([ids[s : s + block_size] for s in starts.tolist()])
    y = torch.stack(
        [ids[s + 1 : s + 1 + block_size] for s in starts.tolist()]
    )
    return x, y


def _compute_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Average cross-entropy over all positions of all windows."""
    # F.cross_entropy expects the class dimension second: (B, V, T).
    return F.cross_entropy(logits.transpose(1, 2), targets)


def _training_step(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Tuple[torch.Tensor, torch.Tensor],
) -> float:
    """Run forward pass, backward pass and parameter update for one batch."""
    inputs, targets = batch
    loss = _compute_loss(model(inputs), targets)

    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRAD_NORM)
    optimizer.step()

    return loss.item()


def train(
    model: torch.nn.Module,
    ids: torch.Tensor,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> List[float]:
    """Train the model and return the loss of every step."""
    if steps < 1:
        raise ValueError("steps must be at least 1.")

    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: List[float] = []

    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            batch = get_batch(ids, batch_size, block_size, generator)
            loss_value = _training_step(model, optimizer, batch)
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Always put the model back into its original mode.
        model.train(was_training)

    return losses


def _remove_if_present(path: Path) -> None:
    if path.exists():
        path.unlink()


def save_checkpoint(
    path: Union[str, Path], model: torch.nn.Module, tokenizer: CharTokenizer
) -> None:
    """Write the checkpoint atomically."""
    path = Path(path)
    temporary_path = path.with_suffix(path.suffix + ".tmp")
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "model_state_dict": model.state_dict(),
    }
    try:
        torch.save(checkpoint, temporary_path)
        os.replace(temporary_path, path)
    except BaseException:
        _remove_if_present(temporary_path)
        raise


def load_checkpoint(
    path: Union[str, Path],
) -> Tuple[torch.nn.Module, CharTokenizer]:
    """Rebuild the model and the tokenizer from a checkpoint."""
    checkpoint = torch.load(
        path,
        map_location="cpu",
        weights_only=True,
    )
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["model_state_dict"])
    model.eval()

    characters = checkpoint["vocab"][NUM_SPECIAL_TOKENS:]
    return model, CharTokenizer("".join(characters))
