"""Style: closures: make_draw and make_step return functions that keep their own state."""

import itertools
import os
import tempfile

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def make_draw(ids, batch_size, block_size, generator):
    text = torch.as_tensor(ids)
    places = torch.ones(len(text) - block_size)

    def draw():
        spots = torch.multinomial(places, batch_size, replacement=True, generator=generator)
        index = spots.reshape(batch_size, 1) + torch.arange(block_size).reshape(1, block_size)
        return text.take(index), text.take(index + 1)

    return draw


def make_step(model, draw, learning_rate):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

    def step():
        x, y = draw()
        log_probabilities = torch.log_softmax(model(x), dim=-1)
        truth = torch.nn.functional.one_hot(y, log_probabilities.shape[-1])
        loss = -(truth * log_probabilities).sum(dim=-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def get_batch(ids, batch_size, block_size, generator):
    draw = make_draw(ids, batch_size, block_size, generator)
    return draw()


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=8, on_step=None
):
    generator = torch.Generator().manual_seed(seed)
    draw = make_draw(ids, batch_size, block_size, generator)
    step = make_step(model, draw, learning_rate)
    in_training = model.training
    model.train()
    losses = []
    for count in itertools.count(1):
        if count > steps:
            break
        losses += [step()]
        if callable(on_step):
            on_step(count, losses[-1])
    if in_training is False:
        model.eval()
    return losses


def save_checkpoint(path, model, tokenizer):
    everything = dict(gpt=model.state_dict(), init=model.config, tokens=tuple(tokenizer.vocab))
    handle, name = tempfile.mkstemp(dir=os.path.dirname(path) or ".")
    os.close(handle)
    try:
        torch.save(everything, name)
        os.replace(name, path)
    finally:
        if os.path.exists(name):
            os.remove(name)


def load_checkpoint(path):
    def rebuild(gpt, init, tokens):
        model = MiniGPT(**init)
        model.load_state_dict(gpt)
        model.eval()
        return model, CharTokenizer("".join(tokens[3:]))

    return rebuild(**torch.load(path, weights_only=True))
