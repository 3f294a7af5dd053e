"""Training as a composition of small functions. State lives at the edges only."""

from contextlib import contextmanager
from functools import partial
from itertools import islice
from os import fspath, replace, unlink
from os.path import lexists

import torch
from torch.nn.functional import cross_entropy

KEYS = ("config", "vocab", "weights")


# ---- data -------------------------------------------------------------------------------------


def gather(ids, places):
    """ids at places, an int64 tensor of the shape of places."""
    if isinstance(ids, torch.Tensor):
        return ids[places].long()
    return torch.tensor([int(ids[p]) for p in places.flatten().tolist()]).view(places.shape)


def get_batch(ids, batch_size, block_size, generator):
    choices = len(ids) - block_size
    if choices < 1:
        raise ValueError(f"a window of {block_size} and its answer do not fit into {len(ids)} ids")
    starts = torch.randint(choices, (batch_size, 1), generator=generator)
    places = starts + torch.arange(block_size)
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return gather(ids, places), gather(ids, places + 1)


def batches(draw):
    while True:
        yield draw()


# ---- learning ---------------------------------------------------------------------------------


@contextmanager
def training_mode(model):
    before = model.training
    model.train()
    try:
        yield model
    finally:
        model.train(before)


def loss_of(logits, y):
    return cross_entropy(logits.flatten(0, 1), y.flatten())


def learn(model, optimizer, batch):
    """One step: the only function that changes the model."""
    x, y = batch
    loss = loss_of(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def tell(listener, step, loss):
    if listener:
        listener(step, loss)
    return loss


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError(f"at least one step is needed, not {steps}")
    draw = partial(get_batch, ids, batch_size, block_size, torch.Generator().manual_seed(seed))
    step_on = partial(learn, model, torch.optim.AdamW(model.parameters(), lr=learning_rate))
    with training_mode(model):
        losses = map(step_on, islice(batches(draw), steps))
        return [tell(on_step, n, loss) for n, loss in enumerate(losses, start=1)]


# ---- files ------------------------------------------------------------------------------------


@contextmanager
def replacing(path):
    """A file to write to, that takes the place of path if all goes well."""
    beside = path + "~"
    try:
        with open(beside, "wb") as file:
            yield file
        replace(beside, path)
    finally:
        if lexists(beside):
            unlink(beside)


def save_checkpoint(path, model, tokenizer):
    with replacing(fspath(path)) as file:
        torch.save(dict(zip(KEYS, (model.config, tokenizer.vocab, model.state_dict()))), file)


def read(path):
    with open(path, "rb") as file:
        try:
            content = torch.load(file, weights_only=True, map_location="cpu")
            return tuple(content[key] for key in KEYS)
        except Exception as reason:
            raise ValueError(f"not a checkpoint: {path}") from reason


def with_weights(model, weights):
    try:
        model.load_state_dict(weights)
    except RuntimeError as reason:
        raise ValueError("the weights do not fit the model") from reason
    return model.eval()


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    config, vocab, weights = read(path)
    return with_weights(MiniGPT(**config), weights), CharTokenizer("".join(vocab[3:]))
