"""Style: whatever must be undone is a context manager; the global dice are forked, then seeded."""

import os
from contextlib import contextmanager

import torch
from torch import nn, optim

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


@contextmanager
def training_mode(network):
    remembered = [m for m in network.modules() if not m.training]
    network.train()
    try:
        yield network
    finally:
        for m in remembered:
            m.training = False


@contextmanager
def seeded(seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield torch.default_generator


@contextmanager
def replacing(path):
    draft = f"{os.fspath(path)}.draft"
    yield draft
    os.replace(draft, path)


def get_batch(ids, batch_size, block_size, generator):
    ids = torch.as_tensor(ids)
    upper = len(ids) - block_size
    begin = torch.randint(low=0, high=upper, size=[batch_size], generator=generator)
    x = torch.stack([ids[b : b + block_size] for b in begin.tolist()], dim=0)
    y = torch.stack([ids[b : b + block_size] for b in (begin + 1).tolist()], dim=0)
    return x, y


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=2024,
    on_step=None,
):
    objective = nn.CrossEntropyLoss()
    adam = optim.Adam(model.parameters(), lr=learning_rate)
    policy = optim.lr_scheduler.OneCycleLR(
        adam,
        max_lr=1.5 * learning_rate,
        total_steps=max(1, steps),
        pct_start=0.1,
        div_factor=4,
        final_div_factor=1,
        cycle_momentum=False,
    )
    values = []
    with seeded(seed) as generator, training_mode(model):
        for number in range(steps):
            x, y = get_batch(ids, batch_size, block_size, generator)
            scores = model(x)
            loss = objective(scores.reshape(y.numel(), -1), y.reshape(-1))
            adam.zero_grad()
            loss.backward()
            adam.step()
            policy.step()
            values.append(loss.item())
            if on_step is not None:
                on_step(number + 1, values[number])
    return values


def save_checkpoint(path, model, tokenizer):
    with replacing(path) as draft:
        torch.save(
            {
                "args": list(model.config.values()),
                "arg_names": list(model.config),
                "vocab": "".join(tokenizer.vocab[3:]),
                "tensors": model.state_dict(),
            },
            draft,
        )


def load_checkpoint(path):
    record = torch.load(path, weights_only=True)
    arguments = dict(zip(record["arg_names"], record["args"]))
    network = MiniGPT(**arguments)
    network.load_state_dict(record["tensors"])
    network.eval()
    return network, CharTokenizer(record["vocab"])
