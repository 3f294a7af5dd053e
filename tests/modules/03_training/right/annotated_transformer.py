# Style: the structure of The Annotated Transformer: Batch, TrainState, LabelSmoothing with KLDivLoss, run_epoch, data_gen.
import os
from os.path import exists

import torch
import torch.nn as nn
from torch.nn.functional import log_softmax

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class Batch:
    """Object for holding a batch of data during training."""

    def __init__(self, src, tgt_y):
        self.src = src
        self.tgt_y = tgt_y
        self.ntokens = tgt_y.numel()


class TrainState:
    """Track number of steps, examples, and tokens processed"""

    step: int = 0  # Steps in the current epoch
    samples: int = 0  # total # of examples used
    tokens: int = 0  # total # of tokens processed


class LabelSmoothing(nn.Module):
    "Implement label smoothing."

    def __init__(self, smoothing=0.0):
        super(LabelSmoothing, self).__init__()
        self.criterion = nn.KLDivLoss(reduction="sum")
        self.confidence = 1.0 - smoothing
        self.smoothing = smoothing

    def forward(self, x, target):
        true_dist = torch.full_like(x, self.smoothing / (x.size(1) - 1))
        true_dist.scatter_(1, target.unsqueeze(1), self.confidence)
        return self.criterion(x, true_dist)


class SimpleLossCompute:
    "A simple loss compute and train function."

    def __init__(self, criterion):
        self.criterion = criterion

    def __call__(self, x, y, norm):
        x = log_softmax(x, dim=-1)
        sloss = self.criterion(x.contiguous().view(-1, x.size(-1)), y.contiguous().view(-1))
        return sloss / norm


def get_batch(ids, batch_size, block_size, generator):
    nstarts = ids.size(0) - block_size
    if nstarts <= 0:
        raise ValueError("the text is shorter than one window and its last answer")
    start = torch.randint(nstarts, (batch_size,), generator=generator)
    index = start.unsqueeze(-1) + torch.arange(block_size + 1)
    data = ids.index_select(0, index.flatten()).view(batch_size, block_size + 1)
    src = data[:, :-1].clone().detach()
    tgt = data[:, 1:].clone().detach()
    return src, tgt


def data_gen(ids, batch_size, block_size, nbatches, seed):
    "Generate random windows for a language modelling task."
    generator = torch.Generator().manual_seed(seed)
    for i in range(nbatches):
        src, tgt = get_batch(ids, batch_size, block_size, generator)
        yield Batch(src, tgt)


def run_epoch(data_iter, model, loss_compute, optimizer, train_state, on_step):
    """Train a single epoch"""
    total_loss = []
    for i, batch in enumerate(data_iter):
        out = model.forward(batch.src)
        loss = loss_compute(out, batch.tgt_y, batch.ntokens)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        train_state.step += 1
        train_state.samples += batch.src.shape[0]
        train_state.tokens += batch.ntokens
        optimizer.step()
        total_loss.append(float(loss.detach()))
        if on_step:
            on_step(train_state.step, total_loss[-1])
        del loss
    return total_loss


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be 1 or more")
    criterion = LabelSmoothing(smoothing=0.0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.98), eps=1e-9)
    mode = model.training
    model.train()
    losses = run_epoch(
        data_gen(ids, batch_size, block_size, steps, seed),
        model,
        SimpleLossCompute(criterion),
        optimizer,
        TrainState(),
        on_step,
    )
    model.train(mode)
    return losses


def save_checkpoint(path, model, tokenizer):
    part = "%s.part" % path
    try:
        torch.save({"config": model.config, "vocab": tokenizer.vocab, "weights": model.state_dict()}, part)
        os.replace(part, path)
    finally:
        if exists(part):
            os.remove(part)


def load_checkpoint(path):
    saved = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    model = MiniGPT(**saved["config"])
    model.load_state_dict(saved["weights"])
    tokenizer = CharTokenizer("".join(saved["vocab"][3:]))
    return model.eval(), tokenizer
