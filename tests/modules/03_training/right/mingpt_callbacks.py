# minGPT's Trainer class from memory: config node, callbacks, `while True` loop
"""Simple training loop; boilerplate that could apply to any arbitrary neural network."""

import os
from collections import defaultdict
from types import SimpleNamespace as CN

import torch
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class Trainer:
    def __init__(self, config, model, data):
        self.config = config
        self.model = model
        self.data = data
        self.optimizer = None
        self.callbacks = defaultdict(list)
        self.rng = torch.Generator()
        self.rng.manual_seed(config.seed)

        # variables that will be assigned to trainer class later for logging and etc
        self.iter_num = 0
        self.loss = None
        self.history = []

    def add_callback(self, onevent, callback):
        self.callbacks[onevent].append(callback)

    def trigger_callbacks(self, onevent):
        for callback in self.callbacks[onevent]:
            callback(self)

    def run(self):
        model, config = self.model, self.config

        # setup the optimizer
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, betas=config.betas
        )

        mode = model.training
        model.train()
        while True:
            # fetch the next batch (x, y)
            x, y = get_batch(self.data, config.batch_size, config.block_size, self.rng)

            # forward the model
            logits = model(x)
            self.loss = F.cross_entropy(logits.view(-1, logits.size(-1)), y.view(-1))

            # backprop and update the parameters
            model.zero_grad(set_to_none=True)
            self.loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), config.grad_norm_clip)
            self.optimizer.step()

            self.iter_num += 1
            self.history.append(self.loss.item())
            self.trigger_callbacks("on_batch_end")

            # termination conditions
            if self.iter_num >= config.max_iters:
                break
        model.train(mode)


def get_batch(ids, batch_size, block_size, generator):
    n = len(ids) - block_size
    if n <= 0:
        raise ValueError("the text is shorter than one window and its target")
    idx = torch.randint(n, (batch_size, 1), generator=generator)
    # grab chunks of (block_size + 1) characters from the data
    chunk = ids[idx + torch.arange(block_size + 1)]
    x = chunk[:, :-1].contiguous()
    y = chunk[:, 1:].contiguous()
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("steps must be positive")
    C = CN(max_iters=steps, batch_size=batch_size, block_size=block_size, seed=seed)
    C.learning_rate = learning_rate
    C.betas = (0.9, 0.95)
    C.grad_norm_clip = 1.0
    trainer = Trainer(C, model, ids)
    if on_step is not None:
        trainer.add_callback("on_batch_end", lambda t: on_step(t.iter_num, t.loss.item()))
    trainer.run()
    return trainer.history


def save_checkpoint(path, model, tokenizer):
    ckpt_path = str(path) + ".part"
    checkpoint = {
        "model": model.state_dict(),
        "model_args": model.config,
        "vocab": tokenizer.vocab,
    }
    try:
        torch.save(checkpoint, ckpt_path)
        os.replace(ckpt_path, path)
    finally:
        if os.path.exists(ckpt_path):
            os.remove(ckpt_path)


def load_checkpoint(path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**checkpoint["model_args"])
    model.load_state_dict(checkpoint["model"])
    model.eval()
    chars = checkpoint["vocab"][3:]
    return model, CharTokenizer("".join(chars))
