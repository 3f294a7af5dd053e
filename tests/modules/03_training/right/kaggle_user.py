# ====================================================
# Library
# ====================================================
import os
import pickle

import numpy as np
import torch
import torch.nn as nn
from numpy.lib.stride_tricks import sliding_window_view


# ====================================================
# Dataset
# ====================================================
def get_batch(ids, batch_size, block_size, generator):
    n_windows = len(ids) - block_size
    if n_windows < 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {len(ids)}")
    idx = torch.randint(n_windows, (batch_size,), generator=generator)
    # every window of block_size + 1 as a view: (n_windows, block_size + 1)
    windows = sliding_window_view(np.asarray(ids), block_size + 1)
    batch = torch.from_numpy(windows[idx.numpy()].astype(np.int64))
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    x, y = batch[:, :-1], batch[:, 1:]
    return x.contiguous(), y.contiguous()


# ====================================================
# Helper functions
# ====================================================
class AverageMeter:
    def __init__(self):
        self.val, self.sum, self.count = 0.0, 0.0, 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


# ====================================================
# Train loop
# ====================================================
def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be >= 1")
    device = next(model.parameters()).device
    g = torch.Generator()
    g.manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    meter, history = AverageMeter(), []

    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            xb, yb = get_batch(ids, batch_size, block_size, g)
            xb, yb = xb.to(device), yb.to(device)
            logits = model(xb)  # (B, T, V)
            loss = criterion(logits.transpose(1, 2), yb)  # wants (B, V, T)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            meter.update(loss.item())
            history.append(meter.val)
            if on_step:
                on_step(step, meter.val)
    finally:
        model.train(was_training)
    return history


# ====================================================
# Checkpoint
# ====================================================
def save_checkpoint(path, model, tokenizer):
    path = os.path.abspath(path)
    ckpt = {"config": model.config, "vocab": tokenizer.vocab, "state_dict": model.state_dict()}
    out_dir, filename = os.path.split(path)
    tmp = os.path.join(out_dir, f"{filename}.{os.getpid()}.tmp")
    try:
        with open(tmp, "wb") as f:
            torch.save(ckpt, f)
        os.replace(tmp, path)
    except BaseException:
        if os.path.exists(tmp):
            os.remove(tmp)
        raise


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    try:
        ckpt = torch.load(path, map_location="cpu", weights_only=True)
        model = MiniGPT(**ckpt["config"])
        model.load_state_dict(ckpt["state_dict"])
        tokenizer = CharTokenizer("".join(ckpt["vocab"][3:]))
    except (pickle.UnpicklingError, EOFError, RuntimeError, KeyError, TypeError) as e:
        raise ValueError(f"not a complete checkpoint: {path}") from e
    return model.eval(), tokenizer
