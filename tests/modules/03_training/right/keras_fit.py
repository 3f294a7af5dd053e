# A Keras user: compile, fit, train_on_batch, callbacks; windows come from unfold.
import io
import os
from contextlib import suppress

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    series = torch.as_tensor(ids, dtype=torch.int64)
    if series.numel() <= block_size:
        raise ValueError("fewer ids than one window needs")
    windows = series.unfold(0, block_size + 1, 1)
    rows = torch.randint(0, windows.shape[0], (batch_size,), generator=generator)
    chosen = windows.index_select(0, rows)
    return chosen[:, :-1].clone(), chosen[:, 1:].clone()


class SparseCategoricalCrossentropy:
    def __call__(self, y_true, y_pred):
        log_probabilities = torch.log_softmax(y_pred, dim=-1)
        picked = log_probabilities.gather(-1, y_true.unsqueeze(-1))
        return -picked.mean()


class History:
    def __init__(self, on_step):
        self.losses = []
        self.on_step = on_step

    def on_train_batch_end(self, logs):
        self.losses.append(logs["loss"])
        if self.on_step is not None:
            self.on_step(len(self.losses), logs["loss"])


class Trainer:
    def __init__(self, model):
        self.model = model

    def compile(self, learning_rate):
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=learning_rate)
        self.loss = SparseCategoricalCrossentropy()

    def train_on_batch(self, x, y):
        y_pred = self.model(x)
        loss = self.loss(y, y_pred)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return {"loss": loss.detach().item()}

    def fit(self, batches, history):
        training = self.model.training
        self.model.train(True)
        self.optimizer.zero_grad()
        for x, y in batches:
            logs = self.train_on_batch(x, y)
            history.on_train_batch_end(logs)
        self.model.train(training)
        return history


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=7, on_step=None
):
    if steps < 1:
        raise ValueError("steps")
    generator = torch.Generator().manual_seed(seed)
    trainer = Trainer(model)
    trainer.compile(learning_rate)
    batches = (get_batch(ids, batch_size, block_size, generator) for _ in range(steps))
    return trainer.fit(batches, History(on_step)).losses


def save_checkpoint(path, model, tokenizer):
    buffer = io.BytesIO()
    torch.save([model.config, tokenizer.vocab, model.state_dict()], buffer)
    partial = f"{os.fspath(path)}.{os.getpid()}.part"
    try:
        with open(partial, "wb") as file:
            file.write(buffer.getvalue())
        os.replace(partial, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial)


def load_checkpoint(path):
    config, vocab, weights = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**config)
    model.load_state_dict(weights)
    model.train(False)
    return model, CharTokenizer("".join(vocab[3:]))
