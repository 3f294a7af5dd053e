"""trainer.py -- the whole training loop on one page, nothing up the sleeve."""

import os

import torch
from torch.nn import functional as F


def get_batch(ids, batch_size, block_size, generator):
    if len(ids) < block_size + 1:
        raise ValueError(f"need at least {block_size + 1} ids for one window, got {len(ids)}")
    # poor man's data loader
    ix = torch.randint(len(ids) - block_size, (batch_size,), generator=generator).tolist()
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    x = torch.stack([torch.as_tensor(ids[i : i + block_size]).long() for i in ix])
    y = torch.stack([torch.as_tensor(ids[i + 1 : i + 1 + block_size]).long() for i in ix])
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be at least 1")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    lossi = []
    was_training = model.training
    model.train()
    try:
        for k in range(steps):
            # minibatch construct
            xb, yb = get_batch(ids, batch_size, block_size, generator)
            # forward pass
            logits = model(xb)
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), yb.view(-1))
            # backward pass
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            # update
            optimizer.step()
            # track stats
            lossi.append(loss.item())
            if on_step is not None:
                on_step(k + 1, lossi[-1])
    finally:
        model.train(was_training)
    return lossi


def save_checkpoint(path, model, tokenizer):
    ckpt = {"config": dict(model.config), "vocab": list(tokenizer.vocab), "model": model.state_dict()}
    tmp = f"{path}.{os.getpid()}.tmp"
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
        tokenizer = CharTokenizer("".join(ckpt["vocab"][3:]))
        model = MiniGPT(**ckpt["config"])
        model.load_state_dict(ckpt["model"])
    except OSError:
        raise
    except Exception as e:
        raise ValueError(f"{path} is not a checkpoint of mine: {e}") from e
    model.eval()
    return model, tokenizer
