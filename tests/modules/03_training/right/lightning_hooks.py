# trainer.py, organised like a small Lightning: a module with hooks, and a loop that calls them
from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import torch
from torch import Tensor, nn


class WindowSource:
    """An endless stream of (x, y) batches."""

    def __init__(self, ids: Tensor, batch_size: int, block_size: int, generator: torch.Generator):
        self.last_start = len(ids) - block_size - 1
        if self.last_start < 0:
            raise ValueError(f"need {block_size + 1} ids for one window, there are {len(ids)}")
        self.ids = ids
        self.shape = (batch_size, block_size)
        self.generator = generator

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return self

    def __next__(self) -> tuple[Tensor, Tensor]:
        x = torch.empty(self.shape, dtype=torch.long)
        y = torch.empty(self.shape, dtype=torch.long)
        length = self.shape[1]
        for row in range(self.shape[0]):
            at = torch.randint(self.last_start + 1, (), generator=self.generator).item()
            x[row] = torch.as_tensor(self.ids[at : at + length])
            y[row] = torch.as_tensor(self.ids[at + 1 : at + 1 + length])  # PREDICT: which ids are in y, if x is [5, 6, 7]?
        return x, y


class Hooks:
    """The places where something may be hung in."""

    def on_fit_start(self, fit: "Fit") -> None: ...

    def on_step_end(self, fit: "Fit", step: int, loss: float) -> None: ...

    def on_fit_end(self, fit: "Fit") -> None: ...


class KeepMode(Hooks):
    def on_fit_start(self, fit):
        self.before = fit.model.training
        fit.model.train()

    def on_fit_end(self, fit):
        fit.model.train(self.before)


class History(Hooks):
    def __init__(self):
        self.losses: list[float] = []

    def on_step_end(self, fit, step, loss):
        self.losses.append(loss)


class Report(Hooks):
    def __init__(self, tell: Callable[[int, float], Any]):
        self.tell = tell

    def on_step_end(self, fit, step, loss):
        self.tell(step, loss)


class Fit:
    def __init__(self, model: nn.Module, learning_rate: float, hooks: list[Hooks]):
        self.model = model
        self.learning_rate = learning_rate
        self.hooks = hooks
        self.criterion = nn.CrossEntropyLoss()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        return torch.optim.AdamW(parameters, lr=self.learning_rate)

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        x, y = batch
        # the criterion wants the classes in the second place: (B, V, T) against (B, T)
        return self.criterion(self.model(x).transpose(1, 2), y)

    def call(self, name: str, *args: Any) -> None:
        for hook in self.hooks:
            getattr(hook, name)(self, *args)

    def run(self, source: WindowSource, steps: int) -> None:
        optimizer = self.configure_optimizers()
        self.call("on_fit_start")
        try:
            for step, batch in zip(range(1, steps + 1), source):
                loss = self.training_step(batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                self.call("on_step_end", step, float(loss.detach()))
        finally:
            self.call("on_fit_end")


def get_batch(ids, batch_size, block_size, generator):
    return next(WindowSource(ids, batch_size, block_size, generator))


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}")
    generator = torch.Generator().manual_seed(seed)
    source = WindowSource(ids, batch_size, block_size, generator)
    history = History()
    hooks = [KeepMode(), history]
    if on_step:
        hooks.append(Report(on_step))
    Fit(model, learning_rate, hooks).run(source, steps)
    return history.losses


class CheckpointIO:
    VERSION = 1

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def write(self, content: dict[str, Any]) -> None:
        beside = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex}")
        try:
            with beside.open("wb") as stream:
                torch.save(content, stream)
            os.replace(beside, self.path)
        finally:
            beside.unlink(missing_ok=True)

    def read(self) -> dict[str, Any]:
        with self.path.open("rb") as stream:
            try:
                content = torch.load(stream, map_location="cpu", weights_only=True)
            except Exception as error:
                raise ValueError(f"{self.path} cannot be read as a checkpoint") from error
        if not isinstance(content, dict) or content.get("version") != self.VERSION:
            raise ValueError(f"{self.path} is no checkpoint of version {self.VERSION}")
        return content


def save_checkpoint(path, model, tokenizer):
    CheckpointIO(path).write(
        {
            "version": CheckpointIO.VERSION,
            "config": dict(model.config),
            "vocab": list(tokenizer.vocab),
            "weights": model.state_dict(),
        }
    )


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    content = CheckpointIO(path).read()
    tokenizer = CharTokenizer("".join(content["vocab"][3:]))
    model = MiniGPT(**content["config"])
    try:
        model.load_state_dict(content["weights"])
    except RuntimeError as error:
        raise ValueError(f"the numbers in {path} do not fit the model") from error
    return model.eval(), tokenizer
