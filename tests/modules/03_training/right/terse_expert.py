"""Style: a terse expert: as_strided windows, fused foreach updates, bytes written in one go."""

import io
import pathlib

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    ids = torch.as_tensor(ids).contiguous()
    n = ids.numel() - block_size
    w = ids.as_strided((n, block_size + 1), (1, 1))[
        torch.randint(n, (batch_size,), generator=generator)
    ]
    return w[:, :-1], w[:, 1:]


@torch.no_grad()
def adamw(ps, ms, vs, t, lr, b1=0.9, b2=0.99, wd=0.01):
    gs = [p.grad for p in ps]
    torch._foreach_lerp_(ms, gs, 1 - b1)
    torch._foreach_mul_(vs, b2)
    torch._foreach_addcmul_(vs, gs, gs, 1 - b2)
    den = torch._foreach_sqrt(torch._foreach_div(vs, 1 - b2**t))
    torch._foreach_add_(den, 1e-8)
    torch._foreach_mul_(ps, 1 - lr * wd)
    torch._foreach_addcdiv_(ps, ms, den, -lr / (1 - b1**t))


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    g, mode, log = torch.Generator().manual_seed(seed), model.training, []
    ps = list(model.parameters())
    ms, vs = [torch.zeros_like(p) for p in ps], [torch.zeros_like(p) for p in ps]
    model.train()
    for t in range(1, steps + 1):
        x, y = get_batch(ids, batch_size, block_size, g)
        loss = F.cross_entropy(model(x).movedim(-1, 1), y)
        model.zero_grad(set_to_none=True)
        loss.backward()
        adamw(ps, ms, vs, t, learning_rate)
        log.append(loss.item())
        on_step and on_step(t, log[-1])
    model.train(mode)
    return log


def save_checkpoint(path, model, tokenizer):
    buf, dst = io.BytesIO(), pathlib.Path(path)
    torch.save((model.config, tokenizer.vocab[3:], model.state_dict()), buf)
    tmp = dst.with_name("." + dst.name)
    tmp.write_bytes(buf.getvalue())
    tmp.replace(dst)


def load_checkpoint(path):
    cfg, chars, sd = torch.load(io.BytesIO(pathlib.Path(path).read_bytes()), weights_only=True)
    m = MiniGPT(**cfg).eval()
    m.load_state_dict(sd)
    return m, CharTokenizer("".join(chars))
