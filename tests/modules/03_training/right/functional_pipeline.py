"""Style: functional: small pure functions, partial, map and tuples instead of loops and state."""

from functools import partial
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.nn.functional import log_softmax, nll_loss

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def split(window):
    return window[..., :-1], window[..., 1:]


def get_batch(ids, batch_size, block_size, generator):
    windows = torch.as_tensor(ids).unfold(0, block_size + 1, 1)
    choice = torch.randint(windows.size(0), (batch_size,), generator=generator)
    return split(windows.index_select(0, choice))


def loss_of(model, batch):
    x, y = batch
    return nll_loss(log_softmax(model(x), dim=-1).mT, y)


def descend(model, optimizer, draw, tell, step):
    optimizer.zero_grad()
    loss = loss_of(model, draw())
    loss.backward()
    optimizer.step()
    value = loss.item()
    tell(step, value)
    return value


def silence(step, value):
    return None


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=11,
    on_step=None,
):
    generator = torch.Generator().manual_seed(seed)
    draw = partial(get_batch, ids, batch_size, block_size, generator)
    optimizer = torch.optim.AdamW(model.parameters(), learning_rate, weight_decay=0.0)
    one_step = partial(descend, model, optimizer, draw, on_step or silence)
    flags = [(module, module.training) for module in model.modules()]
    model.train()
    losses = list(map(one_step, range(1, steps + 1)))
    for module, flag in flags:
        module.training = flag
    return losses


def save_checkpoint(path, model, tokenizer):
    target = Path(path).absolute()
    contents = (tuple(model.config.items()), model.state_dict(), tokenizer.vocab)
    with TemporaryDirectory(dir=target.parent) as folder:
        draft = Path(folder, "draft")
        torch.save(contents, draft)
        draft.replace(target)


def load_checkpoint(path):
    pairs, weights, vocab = itemgetter(0, 1, 2)(torch.load(path, weights_only=True))
    model = MiniGPT(**dict(pairs))
    model.load_state_dict(weights)
    return model.eval(), CharTokenizer("".join(vocab[3:]))
