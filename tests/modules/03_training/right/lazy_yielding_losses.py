# Style: lazy and functional: the training is a generator of losses, and train() only listens
import io
import os
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    places = len(ids) - block_size
    if places <= 0:
        raise ValueError(f"{len(ids)} ids do not hold a window of {block_size} and its answer")
    first = torch.empty(batch_size, dtype=torch.long).random_(places, generator=generator)
    grid = first[:, None] + torch.arange(block_size + 1)
    rows = torch.as_tensor(ids).take(grid)
    return rows[:, :-1], rows[:, 1:]


def losses_of(model, optimizer, batches):
    for x, y in batches:
        loss = F.cross_entropy(model(x).transpose(1, 2), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0,
          on_step=None):
    if steps < 1:
        raise ValueError("there is nothing to do in fewer than 1 steps")
    dice = torch.Generator().manual_seed(seed)
    batches = (get_batch(ids, batch_size, block_size, dice) for _ in range(steps))
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    tell = on_step or (lambda step, loss: None)
    history, before = [], model.training
    model.train()
    try:
        for step, loss in enumerate(losses_of(model, optimizer, batches), start=1):
            history.append(loss)
            tell(step, loss)
    finally:
        model.train(before)
    return history


def save_checkpoint(path, model, tokenizer):
    # The bytes are all in memory before the disk sees the first one.
    buffer = io.BytesIO()
    torch.save((model.config, tokenizer.vocab, model.state_dict()), buffer)
    draft = Path(f"{path}.part")
    try:
        draft.write_bytes(buffer.getvalue())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def load_checkpoint(path):
    with open(path, "rb") as file:
        config, vocab, weights = torch.load(file, map_location="cpu", weights_only=True)
    model = MiniGPT(**config)
    model.load_state_dict(weights)
    model.eval()
    return model, CharTokenizer("".join(vocab[3:]))
