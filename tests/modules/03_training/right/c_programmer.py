# trainer.py
#
# get_batch        - fill two arrays with windows
# train            - main loop
# save_checkpoint  - write to disk
# load_checkpoint  - read from disk

import os

import torch
import torch.nn as nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

MAGIC = "MINIGPT-CKPT"
NUM_SPECIAL = 3


def get_batch(ids, batch_size, block_size, generator):
    n = len(ids)
    num_starts = n - block_size
    if num_starts <= 0:
        raise ValueError("get_batch: %d ids, but %d are needed" % (n, block_size + 1))

    # allocate the output
    x = torch.zeros((batch_size, block_size), dtype=torch.int64)
    y = torch.zeros((batch_size, block_size), dtype=torch.int64)

    # fill it, row by row
    row = 0
    while row < batch_size:
        start = int(torch.randint(0, num_starts, (1,), generator=generator))
        col = 0
        while col < block_size:
            # PREDICT: which ids are in y, if x is [5, 6, 7]?
            x[row][col] = int(ids[start + col])
            y[row][col] = int(ids[start + col + 1])
            col += 1
        row += 1

    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps <= 0:
        raise ValueError("train: steps must be positive, is %d" % steps)

    # init
    rng = torch.Generator()
    rng.manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    losses = [0.0] * steps
    old_mode = model.training

    try:
        model.train()
        i = 0
        while i < steps:
            # input
            x, y = get_batch(ids, batch_size, block_size, rng)
            # compute
            logits = model(x)
            B = logits.shape[0]
            T = logits.shape[1]
            V = logits.shape[2]
            loss = criterion(logits.reshape(B * T, V), y.reshape(B * T))
            # update
            opt.zero_grad()
            loss.backward()
            opt.step()
            # output
            losses[i] = float(loss.item())
            i += 1
            if on_step is not None:
                on_step(i, losses[i - 1])
    finally:
        # cleanup
        if old_mode:
            model.train()
        else:
            model.eval()

    return losses


def save_checkpoint(path, model, tokenizer):
    path = os.fspath(path)
    folder = os.path.dirname(path)
    tmp = os.path.join(folder, "." + os.path.basename(path) + ".part")

    record = {}
    record["magic"] = MAGIC
    record["config"] = model.config
    record["vocab"] = tokenizer.vocab
    record["state_dict"] = model.state_dict()

    done = False
    try:
        fp = open(tmp, "wb")
        try:
            torch.save(record, fp)
            fp.flush()
            os.fsync(fp.fileno())
        finally:
            fp.close()
        os.replace(tmp, path)
        done = True
    finally:
        if not done and os.path.exists(tmp):
            os.unlink(tmp)


def load_checkpoint(path):
    path = os.fspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(path)

    # read
    try:
        record = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as err:
        raise ValueError("load_checkpoint: cannot read " + path) from err

    # verify the header
    if not isinstance(record, dict) or record.get("magic") != MAGIC:
        raise ValueError("load_checkpoint: bad magic in " + path)
    for key in ("config", "vocab", "state_dict"):
        if key not in record:
            raise ValueError("load_checkpoint: no " + key + " in " + path)

    # rebuild the tokenizer
    chars = ""
    i = NUM_SPECIAL
    while i < len(record["vocab"]):
        chars += record["vocab"][i]
        i += 1
    tokenizer = CharTokenizer(chars)

    # rebuild the model
    try:
        model = MiniGPT(**record["config"])
        model.load_state_dict(record["state_dict"])
    except (RuntimeError, TypeError) as err:
        raise ValueError("load_checkpoint: the weights in " + path + " do not fit") from err
    model.eval()

    return model, tokenizer
