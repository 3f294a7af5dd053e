"""Style: someone who follows a lecture on nanoGPT, terse, with randint, stack and view."""

from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    ix = torch.randint(len(ids) - block_size, (batch_size,), generator=generator)
    x = torch.stack([ids[i : i + block_size] for i in ix])
    y = torch.stack([ids[i + 1 : i + block_size + 1] for i in ix])
    return x, y


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=1337,
    on_step=None,
):
    g = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    lossi = []
    was_training = model.training
    model.train()
    for it in range(steps):
        xb, yb = get_batch(ids, batch_size, block_size, g)
        logits = model(xb)
        B, T, C = logits.shape
        loss = F.cross_entropy(logits.view(B * T, C), yb.view(B * T))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        lossi.append(loss.item())
        if on_step is not None:
            on_step(it + 1, lossi[-1])
    model.train(was_training)
    return lossi


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    tmp = path.with_name(path.name + ".tmp")
    ckpt = {"model": model.state_dict(), "config": model.config, "vocab": tokenizer.vocab}
    torch.save(ckpt, tmp)
    tmp.replace(path)


def load_checkpoint(path):
    ckpt = torch.load(path, weights_only=True)
    model = MiniGPT(**ckpt["config"])
    model.load_state_dict(ckpt["model"])
    model.eval()
    return model, CharTokenizer("".join(ckpt["vocab"][3:]))
