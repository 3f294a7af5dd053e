# Licensed to nobody in particular. Layout borrowed from the large trainer libraries.
from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import torch
import torch.nn as nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

logger = logging.getLogger(__name__)


@dataclass
class TrainingArguments:
    """All hyperparameters of one run."""

    steps: int = 100
    batch_size: int = 32
    block_size: int = 64
    learning_rate: float = 6e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"`steps` must be positive, got {self.steps}")


class TrainerCallback:
    """Base class: override what you need."""

    def on_step_end(self, step: int, loss: float) -> None:
        pass


class FunctionCallback(TrainerCallback):
    def __init__(self, fn) -> None:
        self.fn = fn

    def on_step_end(self, step: int, loss: float) -> None:
        self.fn(step, loss)


class Trainer:
    def __init__(self, model: nn.Module, ids: torch.Tensor, args: TrainingArguments, callbacks: List = []):
        self.model = model
        self.ids = ids
        self.args = args
        self.callbacks = list(callbacks)
        self.generator = torch.Generator().manual_seed(args.seed)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = self.configure_optimizers()
        self.history: List[float] = []

    def add_callback(self, callback: TrainerCallback) -> None:
        self.callbacks.append(callback)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.model.parameters(), lr=self.args.learning_rate)

    @contextlib.contextmanager
    def train_mode(self) -> Iterator[None]:
        was_training = self.model.training
        self.model.train()
        try:
            yield
        finally:
            self.model.train(was_training)

    def next_batch(self) -> Tuple[torch.Tensor, torch.Tensor]:
        return get_batch(self.ids, self.args.batch_size, self.args.block_size, self.generator)

    def compute_loss(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = self.model(inputs)
        # nn.CrossEntropyLoss wants the class dimension second: (B, V, T)
        return self.criterion(logits.transpose(1, 2), labels)

    def training_step(self) -> float:
        loss = self.compute_loss(*self.next_batch())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self) -> List[float]:
        logger.debug("training with %s", asdict(self.args))
        with self.train_mode():
            for global_step in range(1, self.args.steps + 1):
                loss = self.training_step()
                self.history.append(loss)
                for callback in self.callbacks:
                    callback.on_step_end(global_step, loss)
        return self.history


# ---- the functional interface -------------------------------------------------------------


def get_batch(ids, batch_size, block_size, generator):
    if ids.numel() < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {ids.numel()}")
    windows = ids.unfold(0, block_size + 1, 1)  # a view: every window with its last answer
    rows = torch.randint(windows.size(0), (batch_size,), generator=generator)
    chosen = windows[rows]
    return chosen[:, :-1], chosen[:, 1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    args = TrainingArguments(
        steps=steps,
        batch_size=batch_size,
        block_size=block_size,
        learning_rate=learning_rate,
        seed=seed,
    )
    trainer = Trainer(model, ids, args)
    if on_step is not None:
        trainer.add_callback(FunctionCallback(on_step))
    return trainer.fit()


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    payload: Dict[str, Any] = dict(
        config=dict(model.config), vocab=list(tokenizer.vocab), state_dict=model.state_dict()
    )
    handle, tmp_name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    os.close(handle)
    try:
        torch.save(payload, tmp_name)
        os.replace(tmp_name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(tmp_name)


def load_checkpoint(path) -> Tuple[nn.Module, CharTokenizer]:
    payload = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**payload["config"])
    model.load_state_dict(payload["state_dict"])
    tokenizer = CharTokenizer("".join(payload["vocab"][3:]))
    return model.eval(), tokenizer
