# A data scientist's notebook: cell markers, a settings dict, df-like short names, index tricks.
# %% imports
import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.optim import AdamW

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# %% settings
CFG = {"seed": 1337, "weight_decay": 0.01}
N_SPECIAL = 3


# %% data
def get_batch(ids, batch_size, block_size, generator):
    data = torch.as_tensor(ids)
    n_windows = len(data) - block_size
    if n_windows < 1:
        raise ValueError(f"need at least {block_size + 1} ids, have {len(data)}")
    start = torch.randint(n_windows, (batch_size,), generator=generator)
    idx = start[:, None] + torch.arange(block_size)
    X = data[idx]
    y = data[idx + 1]
    return X, y


# %% model fitting
def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=CFG["seed"],
    on_step=None,
):
    if steps < 1:
        raise ValueError("steps must be >= 1")
    rng = torch.Generator()
    rng.manual_seed(seed)
    mode_before = model.training
    opt = AdamW(model.parameters(), lr=learning_rate, weight_decay=CFG["weight_decay"])
    history = {"step": [], "loss": []}

    model.train()
    for step in range(1, steps + 1):
        X, y = get_batch(ids, batch_size, block_size, rng)
        y_pred = model(X)
        loss = F.cross_entropy(y_pred.transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        history["step"].append(step)
        history["loss"].append(loss.item())
        if on_step is not None:
            on_step(step, history["loss"][-1])

    model.train(mode_before)
    return history["loss"]


# %% saving
def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    ckpt = dict(
        config=dict(model.config),
        vocab=list(tokenizer.vocab),
        weights=model.state_dict(),
    )
    handle, tmp = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(handle)
    try:
        torch.save(ckpt, tmp)
        os.replace(tmp, path)
    finally:
        Path(tmp).unlink(missing_ok=True)


# %% loading
def load_checkpoint(path):
    ckpt = torch.load(path, map_location="cpu", weights_only=True)
    tok = CharTokenizer("".join(ckpt["vocab"][N_SPECIAL:]))
    model = MiniGPT(**ckpt["config"])
    model.load_state_dict(ckpt["weights"])
    return model.eval(), tok
