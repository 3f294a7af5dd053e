"""
Prepare and train on a larger dataset, the way nanoGPT does it (data/*.bin, np.memmap, estimate_loss).
"""
import copy
import math
import os

import numpy as np
import torch
from torch.nn import functional as F

# -----------------------------------------------------------------------------
# data

def read_pieces(path, size=1_000_000):
    saw_text = False
    with open(path, 'r', encoding='utf-8-sig') as f:
        for piece in iter(lambda: f.read(size), ''):
            saw_text = True
            yield piece
    if not saw_text:
        raise ValueError(f"no text in {path}")

def write_ids(path, pieces):
    filename = os.fspath(path)
    tmp = filename + '.tmp'
    total = 0
    try:
        with open(tmp, 'wb') as f:
            for ids in pieces:
                if len(ids) and (min(ids) < 0 or max(ids) >= 2**16):
                    raise ValueError("token ids must be in [0, 2**16)")
                arr = np.array(ids, dtype=np.uint16)
                f.write(arr.astype('<u2').tobytes())
                total += len(arr)
        os.replace(tmp, filename)
    except BaseException:
        os.remove(tmp)
        raise
    return total

def open_ids(path):
    if os.path.getsize(path) in (0,) or os.path.getsize(path) % 2:
        raise ValueError(f"{path} is not a file of uint16 ids")
    return np.memmap(path, dtype='<u2', mode='r')

def split(ids, share=0.9):
    assert_share = 0 <= share <= 1
    if not assert_share:
        raise ValueError("share must be in [0, 1]")
    n = int(len(ids) * share)
    train_data, val_data = ids[:n], ids[n:]
    if min(len(train_data), len(val_data)) == 0:
        raise ValueError("one of the splits is empty")
    return train_data, val_data

def to_tensor(a):
    return torch.from_numpy(np.asarray(a).astype(np.int64))

def get_batch(data, batch_size, block_size, generator):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=generator)
    x = torch.stack([to_tensor(data[i:i+block_size]) for i in ix.tolist()])
    y = torch.stack([to_tensor(data[i+1:i+1+block_size]) for i in ix.tolist()])
    return x, y

# -----------------------------------------------------------------------------
# loss on the whole split

@torch.no_grad()
def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("need at least two ids")
    training = model.training
    model.eval()
    try:
        lossi = 0.0
        T = block_size
        n_full = (len(ids) - 1) // T
        for k in range(0, n_full, batch_size):
            ks = range(k, min(k + batch_size, n_full))
            X = torch.stack([to_tensor(ids[j*T:j*T+T]) for j in ks])
            Y = torch.stack([to_tensor(ids[j*T+1:j*T+T+1]) for j in ks])
            logits = model(X)
            lossi += F.cross_entropy(logits.view(-1, logits.size(-1)), Y.view(-1)).item() * Y.numel()
        tail = to_tensor(ids[n_full*T:])
        if len(tail) > 1:
            logits = model(tail[None, :-1])
            lossi += F.cross_entropy(logits[0], tail[1:]).item() * (len(tail) - 1)
    finally:
        model.train(training)
    return lossi / (len(ids) - 1)

# -----------------------------------------------------------------------------
# training loop

def get_lr(it, learning_rate, warmup_iters, lr_decay_iters):
    if it < warmup_iters:
        return learning_rate * (it + 1) / (warmup_iters + 1)
    ratio = (it - warmup_iters) / max(1, lr_decay_iters - warmup_iters)
    coeff = 0.5 * (1.0 + math.cos(math.pi * min(ratio, 1.0)))
    return 0.1 * learning_rate + coeff * 0.9 * learning_rate

def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be >= 1")
    if len(train_ids) < block_size + 1 or len(val_ids) < 2:
        raise ValueError("not enough data")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.95))
    best_val_loss, checkpoint = 1e9, None
    history, running = [], []
    training = model.training
    model.train()
    try:
        iter_num = 0
        while True:
            for param_group in optimizer.param_groups:
                param_group['lr'] = get_lr(iter_num, learning_rate, steps // 20, steps)
            X, Y = get_batch(train_ids, batch_size, block_size, generator)
            logits = model(X)
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), Y.view(-1))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            running.append(loss.item())
            iter_num += 1
            if iter_num % eval_every == 0 or iter_num == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if val_loss < best_val_loss:
                    best_val_loss = val_loss
                    checkpoint = copy.deepcopy(model.state_dict())
                history.append((iter_num, sum(running) / len(running), val_loss))
                running = []
                if on_eval is not None:
                    on_eval(*history[-1])
            if iter_num >= steps:
                break
        if checkpoint is not None:
            model.load_state_dict(checkpoint)
    finally:
        model.train(training)
    return history
