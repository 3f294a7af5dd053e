# Style: The Annotated Transformer (greedy_decode, ys, src), by a chat model, formatted by black.
"""Decoding for a decoder-only Transformer."""

from typing import Optional

import torch
from torch.nn.functional import log_softmax


def top_k_mask(logits: torch.Tensor, k: int) -> torch.Tensor:
    "Mask out everything but the k best candidates (1 = may be drawn, 0 = hidden)."
    order = logits.argsort(dim=-1, descending=True)
    # The second argsort turns the order into ranks: the best one has rank 0.
    rank = order.argsort(dim=-1)
    return rank < k


def greedy_step(logits: torch.Tensor) -> torch.Tensor:
    "Return the single most likely next word."
    _, next_word = torch.max(
        logits,
        dim=1,
    )
    return next_word


def sample_step(
    logits: torch.Tensor,
    temperature: float,
    top_k: Optional[int],
    generator: Optional[torch.Generator],
) -> torch.Tensor:
    "Draw the next word from the (tempered, truncated) distribution."
    if top_k is not None:
        mask = top_k_mask(logits, top_k)
        logits = logits.masked_fill(mask == 0, float("-inf"))
    log_prob = log_softmax(
        logits / temperature,
        dim=-1,
    )
    next_word = torch.multinomial(
        log_prob.exp(),
        num_samples=1,
        generator=generator,
    )
    return next_word.squeeze(1)


def generate(
    model: torch.nn.Module,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.Tensor:
    "Auto-regressively extend `ids` by `max_new_tokens` symbols."
    if temperature != temperature or temperature < 0:
        raise ValueError("temperature must be a number >= 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be >= 1")

    max_len = model.config["block_size"]
    was_training = model.training
    model.eval()
    ys = ids
    with torch.set_grad_enabled(False):
        for i in range(max_new_tokens):
            # Subsequent positions do not exist yet, earlier ones may not fit.
            src = ys if ys.size(1) <= max_len else ys[:, ys.size(1) - max_len :]
            out = model(src)
            logits = out[:, -1]
            if temperature == 0:
                next_word = greedy_step(logits)
            else:
                next_word = sample_step(logits, temperature, top_k, generator)
            ys = torch.cat(
                [ys, torch.zeros(1, 1).type_as(ys).fill_(next_word.item())],
                dim=1,
            )
    if was_training:
        model.train()
    return ys


def generate_words(
    model: torch.nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    "Decode until one word too many has begun, then give that beginning back."
    src = tokenizer.encode(prompt)
    ys = torch.LongTensor(src).unsqueeze(0)
    text = tokenizer.decode(src)
    max_words = len(text.split()) + n_words
    for i in range(30 * n_words):
        ys = generate(
            model,
            ys,
            max_new_tokens=1,
            temperature=temperature,
            generator=generator,
        )
        text = tokenizer.decode(ys.flatten().tolist())
        if len(text.split()) > max_words:
            text = text[:-1]
            break
    return text
