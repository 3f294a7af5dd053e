# Style: PyTorch Lightning rebuilt from memory: LightningModule, DataModule, Callback, Trainer.fit.
import os
import tempfile

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class TextDataModule:
    def __init__(self, ids, batch_size, block_size, generator):
        self.ids = torch.as_tensor(ids)
        self.batch_size = batch_size
        self.block_size = block_size
        self.generator = generator

    def setup(self):
        if len(self.ids) <= self.block_size:
            raise ValueError("Not enough ids for a single window.")
        self.windows = self.ids.unfold(0, self.block_size + 1, 1)

    def next_train_batch(self):
        n_windows = self.windows.size(0)
        picks = torch.randint(n_windows, size=(self.batch_size,), generator=self.generator)
        batch = self.windows[picks]
        return batch[:, :-1], batch[:, 1:]


class LitMiniGPT:
    def __init__(self, model, learning_rate=6e-3):
        self.model = model
        self.learning_rate = learning_rate

    def on_fit_start(self):
        self.was_training = self.model.training
        self.model.train()

    def on_fit_end(self):
        self.model.train(self.was_training)

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self.model(x)
        loss = F.cross_entropy(logits.transpose(1, 2), y)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.model.parameters(), lr=self.learning_rate)


class LossHistory:
    def __init__(self):
        self.values = []

    def on_train_batch_end(self, trainer, loss, batch_idx):
        self.values.append(loss.item())


class StepReporter:
    def __init__(self, on_step):
        self.on_step = on_step

    def on_train_batch_end(self, trainer, loss, batch_idx):
        self.on_step(batch_idx + 1, float(loss))


class Trainer:
    def __init__(self, max_steps, callbacks):
        self.max_steps = max_steps
        self.callbacks = callbacks

    def fit(self, module, datamodule):
        datamodule.setup()
        optimizer = module.configure_optimizers()
        module.on_fit_start()
        for batch_idx in range(self.max_steps):
            batch = datamodule.next_train_batch()
            loss = module.training_step(batch, batch_idx)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            for callback in self.callbacks:
                callback.on_train_batch_end(self, loss.detach(), batch_idx)
        module.on_fit_end()


def get_batch(ids, batch_size, block_size, generator):
    datamodule = TextDataModule(ids, batch_size, block_size, generator)
    datamodule.setup()
    return datamodule.next_train_batch()


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("`max_steps` must be positive.")
    history = LossHistory()
    callbacks = [history]
    if on_step is not None:
        callbacks.append(StepReporter(on_step))
    generator = torch.Generator().manual_seed(seed)
    datamodule = TextDataModule(ids, batch_size, block_size, generator)
    Trainer(steps, callbacks).fit(LitMiniGPT(model, learning_rate), datamodule)
    return history.values


def save_checkpoint(path, model, tokenizer):
    checkpoint = {
        "hyper_parameters": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(suffix=".ckpt", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            torch.save(checkpoint, stream)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def load_checkpoint(path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**checkpoint["hyper_parameters"])
    model.load_state_dict(checkpoint["state_dict"])
    model.eval()
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    return model, tokenizer
