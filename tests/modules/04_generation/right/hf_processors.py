"""Text generation in the manner of `transformers`: logits processors, a decoding loop, stopping criteria."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import Optional

import torch
from torch import nn


class TemperatureLogitsWarper:
    """Divides the scores by a temperature."""

    def __init__(self, temperature: float):
        self.temperature = temperature

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        return scores / self.temperature


class TopKLogitsWarper:
    """Filters all scores but the `top_k` highest."""

    def __init__(self, top_k: int, filter_value: float = -float("inf")):
        self.top_k = top_k
        self.filter_value = filter_value

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        top_k = min(self.top_k, scores.size(-1))
        keep = torch.zeros_like(scores, dtype=torch.bool)
        keep.scatter_(-1, scores.topk(top_k, dim=-1).indices, True)
        return scores.masked_fill(~keep, self.filter_value)


class LogitsProcessorList(list):
    """Calls its members one after the other."""

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        for processor in self:
            scores = processor(input_ids, scores)
        return scores


class WordCountCriteria:
    """True as soon as the text holds `n_words` more words than `prompt_text`, all of them closed."""

    def __init__(self, prompt_text: str, n_words: int):
        self.min_words = len(prompt_text.split()) + n_words

    def __call__(self, text: str) -> bool:
        closed = text[-1:].isspace()
        return closed and len(text.split()) >= self.min_words


@contextmanager
def evaluating(model: nn.Module):
    """Puts the model into eval mode for a while."""
    training = model.training
    try:
        model.eval()
        yield model
    finally:
        model.train(training)


def _get_logits_processor(temperature: float, top_k: Optional[int]) -> LogitsProcessorList:
    processors = LogitsProcessorList()
    if temperature > 0:
        processors.append(TemperatureLogitsWarper(temperature))
    if top_k is not None:
        processors.append(TopKLogitsWarper(top_k))
    return processors


def _validate(input_ids: torch.LongTensor, temperature: float, top_k: Optional[int]) -> None:
    if input_ids.shape[-1] < 1:
        raise ValueError("`ids` has to hold at least one token.")
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"`temperature` has to be a non-negative float, but is {temperature}")
    if top_k is not None and top_k <= 0:
        raise ValueError(f"`top_k` has to be a strictly positive integer, but is {top_k}")


def generate(
    model: nn.Module,
    ids: torch.LongTensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.LongTensor:
    # 1. Validate the arguments
    _validate(ids, temperature, top_k)

    # 2. Prepare the decoding
    input_ids = ids.clone()
    do_sample = temperature != 0
    max_length = input_ids.shape[1] + max_new_tokens
    logits_processor = _get_logits_processor(temperature, top_k)

    # 3. Decode
    with torch.no_grad(), evaluating(model):
        while input_ids.shape[1] < max_length:
            # prepare model inputs
            model_inputs = input_ids[:, -model.config["block_size"] :]

            # forward pass to get next token logits
            outputs = model(model_inputs)
            next_token_logits = outputs[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

            # pre-process distribution
            next_token_scores = logits_processor(input_ids, next_token_logits)

            # token selection
            if do_sample:
                probs = nn.functional.softmax(next_token_scores, dim=-1)
                next_tokens = torch.multinomial(probs, num_samples=1, generator=generator)
            else:
                next_tokens = torch.argmax(next_token_scores, dim=-1, keepdim=True)

            # update generated ids for next step
            input_ids = torch.cat([input_ids, next_tokens], dim=-1)

    return input_ids


def generate_words(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    # tokenize, and see the prompt with the eyes of the tokenizer
    input_ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    text = tokenizer.decode(input_ids[0].tolist())

    # stopping criteria
    enough_words = WordCountCriteria(text, n_words)
    max_new_characters = 30 * n_words

    for _ in range(max_new_characters):
        # one more character
        input_ids = generate(model, input_ids, 1, temperature, generator=generator)
        text = tokenizer.decode(input_ids[0].tolist())
        if enough_words(text):
            # without the space that closed the last word
            return text[:-1]

    return text
