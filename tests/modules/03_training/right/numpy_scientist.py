"""Maximum-likelihood fit of an autoregressive model p(s[n+1] | s[..n]) to one sequence s.

    L(theta) = - 1/(B T) sum_{b,t} log p_theta( y[b,t] | x[b,:t+1] )

Index conventions: b = window, t = position, v = symbol.
"""

import os
import pickle
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import torch


def get_batch(ids, batch_size, block_size, generator):
    s = torch.as_tensor(ids)
    n_starts = s.shape[0] - block_size
    if n_starts <= 0:
        raise ValueError(f"sequence of {s.shape[0]} symbols, need > {block_size}")
    # origin of each window, uniform on {0, ..., n_starts - 1}
    origin = torch.randint(n_starts, (batch_size,), generator=generator)
    # (B, 1) + (1, T) -> (B, T)
    index = origin[:, None] + torch.arange(block_size)[None, :]
    x = s[index].to(torch.int64)
    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    y = s[index + 1].to(torch.int64)
    return x, y


def neg_log_likelihood(logits, y):
    """Mean over b and t of -log softmax(logits)[b, t, y[b, t]]."""
    log_p = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    picked = torch.gather(log_p, dim=-1, index=y[..., None])[..., 0]
    return -picked.mean()


@contextmanager
def training_mode(model):
    mode = model.training
    model.train()
    try:
        yield model
    finally:
        model.train(mode)


def sgd_iterates(model, ids, n_iter, B, T, eta, seed):
    """Yield (k, L_k), k = 1, ..., n_iter, after the k-th parameter update."""
    rng = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=eta)
    for k in range(1, n_iter + 1):
        x, y = get_batch(ids, B, T, rng)
        L = neg_log_likelihood(model(x), y)
        opt.zero_grad(set_to_none=True)
        L.backward()
        opt.step()
        yield k, L.item()


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0,
          on_step=None):
    if steps < 1:
        raise ValueError(f"steps = {steps} < 1")
    history = []
    with training_mode(model):
        for k, L in sgd_iterates(model, ids, steps, batch_size, block_size, learning_rate, seed):
            history.append(L)
            if on_step is not None:
                on_step(k, L)
    return history


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    record = dict(
        format=1,
        config=dict(model.config),
        vocab=list(tokenizer.vocab),
        theta=model.state_dict(),
    )
    partial = path.parent / f"{path.name}.{token_hex(4)}.part"
    try:
        with open(partial, "wb") as f:
            torch.save(record, f)
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with open(path, "rb") as f:
        try:
            record = torch.load(f, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as err:
            raise ValueError(f"{path}: not a readable checkpoint") from err
    if not isinstance(record, dict) or record.get("format") != 1:
        raise ValueError(f"{path}: not a checkpoint of format 1")
    try:
        tokenizer = CharTokenizer("".join(record["vocab"][3:]))
        model = MiniGPT(**record["config"])
        model.load_state_dict(record["theta"])
    except (KeyError, TypeError, RuntimeError) as err:
        raise ValueError(f"{path}: parameters and model do not match") from err
    return model.eval(), tokenizer
