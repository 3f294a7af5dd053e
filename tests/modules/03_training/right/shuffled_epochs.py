"""Style: epochs: every window once before any comes again, from an endless Python generator."""

import contextlib
import uuid
from itertools import chain, islice, repeat
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def shuffled_windows(ids, block_size, generator):
    """All windows of the text in random order, then all of them again in another order, forever."""
    windows = torch.as_tensor(ids).unfold(0, block_size + 1, 1)
    for total in repeat(len(windows)):
        for number in torch.randperm(total, generator=generator).tolist():
            yield windows[number]


def batches(ids, batch_size, block_size, generator):
    stream = shuffled_windows(ids, block_size, generator)
    while True:
        rows = torch.stack(list(islice(stream, batch_size)))
        yield rows[:, :block_size], rows[:, -block_size:]


def get_batch(ids, batch_size, block_size, generator):
    return next(batches(ids, batch_size, block_size, generator))


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=3, on_step=None
):
    source = batches(ids, batch_size, block_size, torch.Generator().manual_seed(seed))
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.98))
    report = on_step or (lambda step, loss: None)
    losses = []
    with contextlib.ExitStack() as stack:
        stack.callback(model.train, model.training)
        model.train()
        for step, (x, y) in enumerate(islice(source, steps), start=1):
            logits = model(x)
            loss = F.cross_entropy(logits.flatten(end_dim=1), y.flatten())
            model.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
            report(step, losses[-1])
    return losses


def save_checkpoint(path, model, tokenizer):
    final = Path(path)
    unfinished = final.parent / f".{uuid.uuid4().hex}.unfinished"
    weights = [(name, tensor) for name, tensor in model.state_dict().items()]
    try:
        torch.save({"weights": weights, "vocab": tokenizer.vocab, **model.config}, unfinished)
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(path):
    config = torch.load(path, weights_only=True)
    weights = dict(config.pop("weights"))
    _pad, _unk, _eos, *characters = config.pop("vocab")
    model = MiniGPT(**config)
    model.load_state_dict(weights)
    return model.eval(), CharTokenizer("".join(chain(characters)))
