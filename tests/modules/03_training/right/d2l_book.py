# Style: Dive into Deep Learning (d2l.ai): Accumulator, seq_data_iter_random, grad_clipping, net.
import os

import torch
from torch import nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class Accumulator:
    """For accumulating sums over `n` variables."""

    def __init__(self, n):
        self.data = [0.0] * n

    def add(self, *args):
        self.data = [a + float(b) for a, b in zip(self.data, args)]

    def reset(self):
        self.data = [0.0] * len(self.data)

    def __getitem__(self, idx):
        return self.data[idx]


def seq_data_iter_random(corpus, batch_size, num_steps, generator):
    """Generate minibatches of subsequences using random sampling."""
    num_subseqs = len(corpus) - num_steps
    if num_subseqs < 1:
        raise ValueError("the corpus is shorter than one subsequence and its label")

    def data(pos):
        # Return a sequence of length `num_steps` starting from `pos`
        return corpus[pos : pos + num_steps]

    while True:
        initial_indices = torch.randint(num_subseqs, (batch_size,), generator=generator).tolist()
        X = [data(j) for j in initial_indices]
        Y = [data(j + 1) for j in initial_indices]
        yield torch.stack(X), torch.stack(Y)


def get_batch(ids, batch_size, block_size, generator):
    return next(seq_data_iter_random(torch.as_tensor(ids), batch_size, block_size, generator))


def grad_clipping(net, theta):
    """Clip the gradient."""
    params = [p for p in net.parameters() if p.requires_grad and p.grad is not None]
    norm = torch.sqrt(sum(torch.sum(p.grad**2) for p in params))
    if norm > theta:
        for param in params:
            param.grad[:] *= theta / norm


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    """Train a net (defined in an earlier chapter)."""
    if steps < 1:
        raise ValueError("steps must be positive")
    net, was_training = model, model.training
    loss = nn.CrossEntropyLoss(reduction="none")
    updater = torch.optim.AdamW(net.parameters(), lr=learning_rate)
    generator = torch.Generator().manual_seed(seed)
    train_iter = seq_data_iter_random(torch.as_tensor(ids), batch_size, block_size, generator)
    metric = Accumulator(2)  # Sum of training loss, no. of tokens
    history = []
    net.train()
    for step, (X, Y) in zip(range(1, steps + 1), train_iter):
        metric.reset()
        y = Y.reshape(-1)
        y_hat = net(X).flatten(0, 1)
        l = loss(y_hat, y)
        updater.zero_grad()
        l.mean().backward()
        grad_clipping(net, 1)
        updater.step()
        metric.add(l.sum(), y.numel())
        history.append(metric[0] / metric[1])
        if on_step:
            on_step(step, history[-1])
    net.train(was_training)
    return history


def save_checkpoint(path, model, tokenizer):
    params = {"config": model.config, "vocab": tokenizer.vocab, "params": model.state_dict()}
    fname = f"{path}.part"
    try:
        torch.save(params, fname)
    except BaseException:
        if os.path.exists(fname):
            os.remove(fname)
        raise
    os.replace(fname, path)


def load_checkpoint(path):
    params = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    tokenizer = CharTokenizer("".join(params["vocab"][3:]))
    net = MiniGPT(**params["config"])
    net.load_state_dict(params["params"])
    net.eval()
    return net, tokenizer
