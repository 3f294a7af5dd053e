# trainer.py -- training loop and persistence for mini_gpt

import os

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# ---- constants ------------------------------------------------------------

OK = 0
ERR = -1

N_SPECIAL = 3               # <pad>, <unk>, <eos>
ID_TYPE = torch.int64

KEY_CONFIG = "config"
KEY_VOCAB = "vocab"
KEY_STATE = "state_dict"


# ---- batches --------------------------------------------------------------

def alloc_rows(n_rows, n_cols):
    # a zeroed n_rows x n_cols buffer
    return [[0] * n_cols for _ in range(n_rows)]


def get_batch(ids, batch_size, block_size, generator):
    n = len(ids)
    if n < block_size + 1:
        raise ValueError("ids: have %d, need %d" % (n, block_size + 1))

    # largest legal start index: window plus one answer must fit
    last_start = n - block_size - 1

    # allocate both buffers
    xbuf = alloc_rows(batch_size, block_size)
    ybuf = alloc_rows(batch_size, block_size)

    # fill them, row by row
    row = 0
    while row < batch_size:
        # upper bound of randint is exclusive, hence the + 1
        pos = int(torch.randint(0, last_start + 1, (1,), generator=generator)[0])
        col = 0
        while col < block_size:
            xbuf[row][col] = int(ids[pos])
            pos += 1
            ybuf[row][col] = int(ids[pos])  # PREDICT: which ids are in y, if x is [5, 6, 7]?
            col += 1
        row += 1

    # hand them over as tensors
    x = torch.tensor(xbuf, dtype=ID_TYPE)
    y = torch.tensor(ybuf, dtype=ID_TYPE)
    return x, y


# ---- training -------------------------------------------------------------

def clear_grads(params):
    i = 0
    while i < len(params):
        params[i].grad = None
        i += 1


def train(model, ids, *, steps=100, batch_size=32, block_size=64,
          learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps: have %d, need at least 1" % steps)

    # init
    rng = torch.Generator()
    rng.manual_seed(seed)
    params = list(model.parameters())
    opt = torch.optim.AdamW(params, lr=learning_rate)
    criterion = torch.nn.CrossEntropyLoss()
    losses = [0.0] * steps

    saved_mode = model.training
    model.train(True)
    try:
        step = 0
        while step < steps:
            # input
            x, y = get_batch(ids, batch_size, block_size, rng)

            # forward
            logits = model(x)
            n_rows = logits.size(0) * logits.size(1)
            loss = criterion(logits.reshape(n_rows, logits.size(2)), y.reshape(n_rows))

            # backward, update
            clear_grads(params)
            loss.backward()
            opt.step()

            # report
            losses[step] = float(loss.item())
            step += 1
            if on_step is not None:
                on_step(step, losses[step - 1])
    finally:
        # cleanup: runs on success and on failure
        model.train(saved_mode)
    return losses


# ---- persistence ----------------------------------------------------------

def discard(name):
    if os.path.exists(name):
        os.remove(name)


def commit(src, dst):
    # atomic on one filesystem
    try:
        os.replace(src, dst)
    finally:
        discard(src)


def save_checkpoint(path, model, tokenizer):
    dst = os.fspath(path)
    tmp = "%s.%d.tmp" % (dst, os.getpid())

    # the record
    rec = {}
    rec[KEY_CONFIG] = model.config
    rec[KEY_VOCAB] = tokenizer.vocab
    rec[KEY_STATE] = model.state_dict()

    # write it to tmp; rc tells the cleanup how far we got
    rc = ERR
    fp = open(tmp, "wb")
    try:
        torch.save(rec, fp)
        fp.flush()
        os.fsync(fp.fileno())
        rc = OK
    finally:
        fp.close()
        if rc == OK:
            commit(tmp, dst)
        else:
            discard(tmp)


def load_checkpoint(path):
    # read the record
    rec = torch.load(path, map_location="cpu", weights_only=True)

    # rebuild the model
    model = MiniGPT(**rec[KEY_CONFIG])
    model.load_state_dict(rec[KEY_STATE])
    model.eval()

    # rebuild the tokenizer
    chars = ""
    i = N_SPECIAL
    while i < len(rec[KEY_VOCAB]):
        chars += rec[KEY_VOCAB][i]
        i += 1
    tokenizer = CharTokenizer(chars)

    return model, tokenizer
