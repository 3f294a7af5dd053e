# Style: old-fashioned, as from a C programmer: counters, while loops, preallocated arrays.
import os

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

N_SPECIALS = 3


def get_batch(ids, batch_size, block_size, generator):
    nstarts = len(ids) - block_size
    src = torch.zeros((batch_size, block_size), dtype=torch.int64)
    dst = torch.zeros((batch_size, block_size), dtype=torch.int64)
    b = 0
    while b < batch_size:
        pos = int(torch.randint(nstarts, (), generator=generator))
        t = 0
        while t < block_size:
            src[b, t] = ids[pos + t]
            dst[b, t] = ids[pos + t + 1]
            t += 1
        b += 1
    return src, dst


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=99,
    on_step=None,
):
    gen = torch.Generator()
    gen.manual_seed(seed)
    rate = learning_rate / 10
    optim = torch.optim.RMSprop(model.parameters(), lr=rate, alpha=0.95, momentum=0.9)
    old_mode = model.training
    model.train()
    out = [0.0] * steps
    i = 0
    while i < steps:
        src, dst = get_batch(ids, batch_size, block_size, gen)
        scores = model(src)
        ncls = scores.shape[2]
        err = torch.nn.functional.cross_entropy(scores.reshape(-1, ncls), dst.reshape(-1))
        optim.zero_grad()
        err.backward()
        optim.step()
        out[i] = err.item()
        if on_step is not None:
            on_step(i, out[i])
        i += 1
    model.train(old_mode)
    return out


def save_checkpoint(path, model, tokenizer):
    codes = []
    k = N_SPECIALS
    while k < len(tokenizer.vocab):
        codes.append(ord(tokenizer.vocab[k]))
        k += 1
    name = os.fspath(path) + "~"
    f = open(name, "wb")
    try:
        torch.save([model.config, codes, model.state_dict()], f)
    finally:
        f.close()
    os.replace(name, path)


def load_checkpoint(path):
    rec = torch.load(path, weights_only=True)
    text = ""
    k = 0
    while k < len(rec[1]):
        text += chr(rec[1][k])
        k += 1
    net = MiniGPT(**rec[0])
    net.load_state_dict(rec[2])
    net.eval()
    return net, CharTokenizer(text)
