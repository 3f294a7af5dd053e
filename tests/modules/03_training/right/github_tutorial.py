"""
This training script runs on a single device, in a single process.
Data loading, the training loop, and checkpoints in the spirit of the tiny GPT repos.
"""

import os

import torch
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

CHECKPOINT_VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    # generate a small batch of data of inputs x and targets y
    data = ids
    if len(data) <= block_size:
        raise ValueError(f"data has {len(data)} tokens, need at least block_size + 1 = {block_size + 1}")
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=generator).tolist()
    chunks = torch.stack([torch.asarray(data[i:i + block_size + 1], copy=True).to(torch.int64) for i in ix])
    x = chunks[:, :-1].contiguous()
    y = chunks[:, 1:].contiguous()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError(f"steps must be >= 1, not {steps}")

    data = ids
    device = next(model.parameters()).device
    g = torch.Generator().manual_seed(seed)

    # create a PyTorch optimizer
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    lossi = []
    was_training = model.training
    model.train()
    try:
        for iter_num in range(steps):
            # sample a batch of data
            xb, yb = get_batch(data, batch_size, block_size, g)
            xb, yb = xb.to(device), yb.to(device)

            # evaluate the loss
            logits = model(xb)
            B, T, C = logits.shape
            loss = F.cross_entropy(logits.reshape(B * T, C), yb.view(B * T))

            # backprop and update the parameters
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

            # track stats
            lossf = loss.item()
            lossi.append(lossf)
            if on_step is not None:
                on_step(iter_num + 1, lossf)
    finally:
        model.train(was_training)
    return lossi


def save_checkpoint(path, model, tokenizer):
    ckpt_path = os.fspath(path)
    checkpoint = {
        "version": CHECKPOINT_VERSION,
        "model": model.state_dict(),
        "model_args": model.config,
        "itos": list(tokenizer.vocab),
    }
    # write next to the target, then swap it in atomically
    tmp_path = ckpt_path + ".tmp"
    try:
        with open(tmp_path, "wb") as f:
            torch.save(checkpoint, f)
        os.replace(tmp_path, ckpt_path)
    except BaseException:
        # don't leave half a checkpoint lying around
        if os.path.exists(tmp_path):
            os.remove(tmp_path)
        raise


def load_checkpoint(path):
    with open(path, "rb") as f:
        try:
            checkpoint = torch.load(f, map_location="cpu", weights_only=True)
        except Exception as e:
            raise ValueError(f"{path}: not a readable checkpoint") from e
    if not isinstance(checkpoint, dict) or checkpoint.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path}: not a checkpoint of version {CHECKPOINT_VERSION}")

    # create the model and the tokenizer again
    try:
        model = MiniGPT(**checkpoint["model_args"])
        model.load_state_dict(checkpoint["model"])
        chars = checkpoint["itos"][3:]  # without the special tokens
        tokenizer = CharTokenizer("".join(chars))
    except (KeyError, TypeError, RuntimeError, AttributeError) as e:
        raise ValueError(f"{path}: checkpoint does not match the model") from e
    model.eval()
    return model, tokenizer
