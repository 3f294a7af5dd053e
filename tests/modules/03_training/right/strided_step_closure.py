# Style: less usual but right PyTorch: as_strided, multinomial, nll_loss, optimizer.step(closure).
import contextlib
import io
import pathlib

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    ids = torch.as_tensor(ids).contiguous()
    n = ids.numel() - block_size
    if n < 1:
        raise ValueError(f"{ids.numel()} ids make no window of {block_size} + 1")
    pairs = ids.as_strided((n, 2, block_size), (1, 1, 1))  # pairs[i] = window i, window i + 1
    starts = torch.ones(n).multinomial(batch_size, replacement=True, generator=generator)
    x, y = pairs.index_select(0, starts).unbind(dim=1)
    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("steps < 1")
    rng = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    def closure():
        opt.zero_grad()
        x, y = get_batch(ids, batch_size, block_size, rng)
        log_p = F.log_softmax(model(x), dim=-1)
        nll = F.nll_loss(log_p.movedim(-1, 1), y)
        nll.backward()
        return nll

    losses = torch.zeros(steps, dtype=torch.float64)
    with contextlib.ExitStack() as stack:
        stack.callback(model.train, model.training)
        model.train()
        for i in range(steps):
            losses[i] = opt.step(closure).detach()
            if on_step is not None:
                on_step(i + 1, losses[i].item())
    return losses.tolist()


def save_checkpoint(path, model, tokenizer):
    path = pathlib.Path(path)
    buffer = io.BytesIO()
    torch.save([model.config, tokenizer.vocab, model.state_dict()], buffer)
    scratch = path.with_suffix(path.suffix + "~")
    try:
        scratch.write_bytes(buffer.getbuffer())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def load_checkpoint(path):
    config, vocab, state = torch.load(path, weights_only=True, map_location="cpu")
    model = MiniGPT(**config)
    model.load_state_dict(state)
    model.requires_grad_(True).eval()
    return model, CharTokenizer(str().join(vocab[3:]))
