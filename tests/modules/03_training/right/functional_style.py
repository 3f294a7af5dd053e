"""Loop 3, the trainer, as a handful of small functions and streams."""

import os
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

CHECKPOINT_VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    n_starts = len(ids) - block_size
    if n_starts < 1:
        raise ValueError(f"{block_size + 1} ids are needed for a window, got {len(ids)}")
    draw = lambda: torch.randint(n_starts, (batch_size,), generator=generator).tolist()
    tensor = lambda part: torch.asarray(part, dtype=torch.int64, copy=True)
    starts = draw()
    # The windows, moved to the right by so many tokens: 0 for the questions, 1 for the answers.
    windows = lambda shift: torch.stack(
        [tensor(ids[start + shift : start + shift + block_size]) for start in starts]
    )
    return windows(0), windows(1)


@contextmanager
def training_mode(model):
    """Learn inside, and be as before outside."""
    before = model.training
    model.train()
    try:
        yield
    finally:
        model.train(before)


# (B, T, V) and (B, T) -> one number. cross_entropy wants the classes in second place: (B, V, T).
loss_of = lambda logits, y: cross_entropy(logits.transpose(1, 2), y)


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, got {steps}")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device = next(model.parameters()).device
    tell = on_step or (lambda step, loss: None)

    def learn(step, x, y):
        """Make one step, and return its loss."""
        loss = loss_of(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tell(step, loss.item())
        return loss.item()

    # A stream of batches. Each is cut only when the loop below asks for it.
    batches = (get_batch(ids, batch_size, block_size, generator) for _ in range(steps))
    with training_mode(model):
        return [learn(step, x, y) for step, (x, y) in enumerate(batches, start=1)]


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("wb") as file:
            torch.save(
                dict(
                    version=CHECKPOINT_VERSION,
                    config=dict(model.config),
                    vocab=list(tokenizer.vocab),
                    weights=dict(model.state_dict()),
                ),
                file,
            )
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with Path(path).open("rb") as file:
        try:
            saved = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path} cannot be read: train anew") from error
    if not isinstance(saved, dict) or saved.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path} is not a checkpoint of version {CHECKPOINT_VERSION}")
    try:
        config, vocab, weights = (saved[key] for key in ("config", "vocab", "weights"))
        model = MiniGPT(**config)
        model.load_state_dict(weights)
        # Behind the three special tokens come the characters.
        tokenizer = CharTokenizer("".join(islice(vocab, 3, None)))
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} does not fit this model: train anew") from error
    return model.eval(), tokenizer
