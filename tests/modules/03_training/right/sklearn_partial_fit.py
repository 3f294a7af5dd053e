# style: scikit-learn habits: an estimator with fit and partial_fit, learned things end in "_"
import os
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.optim import AdamW

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

N_SPECIALS = 3


class WindowSampler:
    """Random windows of a text, together with the id after each of their ids."""

    def __init__(self, ids, block_size, rng):
        self.ids = torch.as_tensor(ids)
        self.block_size = block_size
        self.rng = rng
        self.n_windows_ = len(self.ids) - block_size
        if self.n_windows_ < 1:
            raise ValueError(f"n_samples={len(self.ids)} should be > block_size={block_size}")

    def sample(self, n):
        first = torch.randint(self.n_windows_, (n, 1), generator=self.rng)
        offsets = torch.arange(self.block_size + 1)
        rows = self.ids[first + offsets]
        return rows[:, :-1], rows[:, 1:]


class NextCharClassifier:
    """Multi-class classifier; the classes are the characters."""

    def __init__(self, module, *, max_iter, batch_size, block_size, lr, random_state, callback):
        self.module = module
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.block_size = block_size
        self.lr = lr
        self.random_state = random_state
        self.callback = callback

    def _initialize(self):
        if self.max_iter < 1:
            raise ValueError(f"max_iter must be >= 1, got {self.max_iter}")
        self.optimizer_ = AdamW(self.module.parameters(), lr=self.lr)
        self.loss_curve_ = []
        self.n_iter_ = 0

    def partial_fit(self, X, y):
        logits = self.module(X)
        loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))
        self.optimizer_.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer_.step()
        self.n_iter_ += 1
        self.loss_curve_.append(loss.item())

    def fit(self, ids):
        self._initialize()
        rng = torch.Generator().manual_seed(self.random_state)
        sampler = WindowSampler(ids, self.block_size, rng)
        mode = self.module.training
        self.module.train()
        try:
            while self.n_iter_ < self.max_iter:
                self.partial_fit(*sampler.sample(self.batch_size))
                if self.callback is not None:
                    self.callback(self.n_iter_, self.loss_curve_[-1])
        finally:
            self.module.train(mode)
        return self


class Persistence:
    """What joblib.dump and joblib.load would do."""

    @staticmethod
    def dump(path, model, tokenizer):
        path = Path(path)
        partial = path.parent / f".{path.name}.part"
        params = {"config": model.config, "vocab": tokenizer.vocab, "coef_": model.state_dict()}
        try:
            torch.save(params, partial)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)

    @staticmethod
    def load(path):
        params = torch.load(Path(path), map_location="cpu", weights_only=True)
        model = MiniGPT(**params["config"])
        model.load_state_dict(params["coef_"])
        model.eval()
        return model, CharTokenizer("".join(params["vocab"][N_SPECIALS:]))


def get_batch(ids, batch_size, block_size, generator):
    return WindowSampler(ids, block_size, generator).sample(batch_size)


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    estimator = NextCharClassifier(
        model,
        max_iter=steps,
        batch_size=batch_size,
        block_size=block_size,
        lr=learning_rate,
        random_state=seed,
        callback=on_step,
    )
    return estimator.fit(ids).loss_curve_


save_checkpoint = Persistence.dump
load_checkpoint = Persistence.load
