"""A pocket-size Trainer in the spirit of Lightning: task, data, callbacks, loop."""
from __future__ import annotations

import os
import uuid
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class Callback:
    def on_fit_start(self, trainer, task): ...
    def on_train_batch_end(self, trainer, task, outputs, batch_idx): ...
    def teardown(self, trainer, task): ...


class TrainMode(Callback):
    """Switches to train mode for the fit, and back again."""

    def on_fit_start(self, trainer, task):
        self.before = task.model.training
        task.model.train()

    def teardown(self, trainer, task):
        task.model.train(self.before)


class LossHistory(Callback):
    def __init__(self):
        self.values: list[float] = []

    def on_train_batch_end(self, trainer, task, outputs, batch_idx):
        self.values.append(float(outputs.detach()))


class UserHook(Callback):
    def __init__(self, fn):
        self.fn = fn

    def on_train_batch_end(self, trainer, task, outputs, batch_idx):
        self.fn(batch_idx + 1, float(outputs.detach()))


class TextWindows:
    """The data module: an endless stream of random windows."""

    def __init__(self, ids, batch_size, block_size, seed):
        self.ids = ids
        self.batch_size = batch_size
        self.block_size = block_size
        self.seed = seed

    def train_dataloader(self):
        rng = torch.Generator()
        rng.manual_seed(self.seed)
        while True:
            yield get_batch(self.ids, self.batch_size, self.block_size, rng)


class LanguageModelingTask:
    def __init__(self, model: nn.Module, learning_rate: float):
        self.model = model
        self.learning_rate = learning_rate

    def configure_optimizers(self):
        params = [p for p in self.model.parameters() if p.requires_grad]
        return torch.optim.AdamW(params, lr=self.learning_rate)

    def training_step(self, batch, batch_idx):
        inputs, labels = batch
        logits = self.model(inputs)
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten())


class Trainer:
    def __init__(self, max_steps: int, callbacks: list[Callback]):
        self.max_steps = max_steps
        self.callbacks = callbacks

    def call(self, hook, *args):
        for callback in self.callbacks:
            getattr(callback, hook)(self, *args)

    def fit(self, task, datamodule):
        optimizer = task.configure_optimizers()
        self.call("on_fit_start", task)
        try:
            loader = datamodule.train_dataloader()
            for batch_idx in range(self.max_steps):
                # draw a batch, score it
                loss = task.training_step(next(loader), batch_idx)
                # zero, backward, step
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                self.call("on_train_batch_end", task, loss, batch_idx)
        finally:
            self.call("teardown", task)


# ---------------------------------------------------------------- public API


def get_batch(ids, batch_size, block_size, generator):
    places = len(ids) - block_size
    if places < 1:
        raise ValueError(f"{len(ids)} ids do not hold a window of {block_size} and its answer")
    first = torch.randint(places, (batch_size,), generator=generator)
    chunks = torch.stack([torch.as_tensor(ids[i:i + block_size + 1]) for i in first.tolist()]).long()
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return chunks[:, :-1].contiguous(), chunks[:, 1:].contiguous()


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0,
          on_step=None):
    if steps < 1:
        raise ValueError("max_steps must be positive")
    history = LossHistory()
    callbacks = [TrainMode(), history]
    if on_step is not None:
        callbacks.append(UserHook(on_step))
    Trainer(steps, callbacks).fit(
        LanguageModelingTask(model, learning_rate),
        TextWindows(ids, batch_size, block_size, seed),
    )
    return history.values


def save_checkpoint(path, model, tokenizer):
    target = Path(path)
    scratch = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    payload = {
        "hyper_parameters": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
    }
    try:
        with scratch.open("wb") as stream:
            torch.save(payload, stream)
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def load_checkpoint(path):
    payload = torch.load(Path(path), map_location="cpu", weights_only=True)
    model = MiniGPT(**payload["hyper_parameters"])
    model.load_state_dict(payload["state_dict"])
    return model.eval(), CharTokenizer("".join(payload["vocab"][3:]))
