# style: a JAX user in PyTorch: unfold, explicit gradients, log_softmax + gather, an infinite batch iterator, BytesIO
import io, os
from contextlib import suppress
from itertools import islice
from pathlib import Path

import torch as th
from mini_gpt import tokenizer as tok, transformer as net


def get_batch(ids, batch_size, block_size, generator):
    if ids.numel() <= block_size:
        raise ValueError(f"{ids.numel()} ids, want > {block_size}")
    windows = ids.unfold(0, block_size + 1, 1)                  # (N, T + 1), a view
    u = th.rand(batch_size, generator=generator, dtype=th.float64)
    rows = windows.index_select(0, (u * windows.size(0)).floor().long())
    return rows.narrow(1, 0, block_size), rows.narrow(1, 1, block_size)


def batches(key, ids, B, T):
    while True:
        yield get_batch(ids, B, T, key)


def loss_fn(model, x, y):
    logp = model(x).log_softmax(dim=-1)
    return -logp.gather(-1, y.unsqueeze(-1)).mean()


def update(model, params, opt, batch):
    loss = loss_fn(model, *batch)
    grads = th.autograd.grad(loss, params)
    for p, g in zip(params, grads):
        p.grad = g
    opt.step()
    return float(loss.detach())


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1: raise ValueError("steps < 1")
    mode, _ = model.training, model.train()
    key = th.Generator().manual_seed(seed)
    params = [p for p in model.parameters() if p.requires_grad]
    opt = th.optim.AdamW(params, lr=learning_rate)
    stream = islice(batches(key, ids, batch_size, block_size), steps)
    history = []
    for n, batch in enumerate(stream, start=1):
        history.append(update(model, params, opt, batch))
        on_step and on_step(n, history[-1])
    opt.zero_grad()
    model.train(mode)
    return history


def save_checkpoint(path, model, tokenizer):
    path, buf = Path(path), io.BytesIO()
    th.save(dict(cfg=model.config, vocab=tokenizer.vocab, params=model.state_dict()), buf)
    tmp = path.with_name(path.name + "~")
    try:
        tmp.write_bytes(buf.getvalue())
        os.replace(tmp, path)
    finally:
        with suppress(FileNotFoundError):
            tmp.unlink()


def load_checkpoint(path):
    ckpt = th.load(path, map_location="cpu", weights_only=True)
    model = net.MiniGPT(**ckpt["cfg"]).eval()
    model.load_state_dict(ckpt["params"])
    _pad, _unk, _eos, *chars = ckpt["vocab"]
    return model, tok.CharTokenizer("".join(chars))
