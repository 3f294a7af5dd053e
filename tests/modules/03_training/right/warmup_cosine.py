"""Style: a practitioner's recipe: parameter groups, warm-up, cosine down to a part, clipping."""

import math
from pathlib import Path

import torch
from torch.nn import functional as fn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

WARMUP_SHARE = 0.05
FINAL_SHARE = 0.4
CLIP = 1.0


def get_batch(ids, batch_size, block_size, generator):
    tokens = ids if isinstance(ids, torch.Tensor) else torch.tensor(ids)
    n_positions = tokens.numel() - block_size
    at = torch.empty(batch_size, dtype=torch.int64).random_(0, n_positions, generator=generator)
    chunks = tokens[at.unsqueeze(1) + torch.arange(block_size + 1).unsqueeze(0)]
    return chunks[:, :-1], chunks[:, 1:]


def share_of_peak(step, steps):
    """The learning rate of this step (from 0), as a share of the highest."""
    warmup = max(1, int(steps * WARMUP_SHARE))
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return FINAL_SHARE + (1 - FINAL_SHARE) * 0.5 * (1 + math.cos(math.pi * progress))


def make_optimizer(model, learning_rate):
    trainable = [p for p in model.parameters() if p.requires_grad]
    matrices = [p for p in trainable if p.dim() >= 2]
    vectors = [p for p in trainable if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.99))


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=17,
    on_step=None,
):
    gen = torch.Generator()
    gen.manual_seed(seed)
    optimizer = make_optimizer(model, learning_rate)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: share_of_peak(s, steps))
    mode_at_start = model.training
    model.train()
    trace = []
    try:
        for step in range(steps):
            inp, tgt = get_batch(ids, batch_size, block_size, gen)
            optimizer.zero_grad()
            loss = fn.cross_entropy(model(inp).transpose(-1, -2), tgt)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            scheduler.step()
            trace.append(loss.item())
            if on_step is not None:
                on_step(step + 1, trace[-1])
    finally:
        model.train(mode_at_start)
    return trace


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    state = {
        "params": {k: v.detach().cpu() for k, v in model.state_dict().items()},
        "hparams": {**model.config},
        "itos": dict(enumerate(tokenizer.vocab)),
    }
    partial_file = path.with_name(f"{path.stem}-partial{path.suffix}")
    torch.save(state, partial_file)
    partial_file.replace(path)


def load_checkpoint(path):
    state = torch.load(Path(path), map_location="cpu", weights_only=True)
    gpt = MiniGPT(**state["hparams"])
    gpt.load_state_dict(state["params"], strict=True)
    gpt.eval()
    itos = state["itos"]
    letters = [itos[i] for i in sorted(itos) if i >= 3]
    return gpt, CharTokenizer("".join(letters))
