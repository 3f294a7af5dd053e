# coding=utf-8
"""Sampling utilities, after `generation/utils.py` and `generation/logits_process.py` (as I remember them)."""

import math
from dataclasses import dataclass
from typing import List, Optional

import torch


@dataclass
class GenerationConfig:
    max_new_tokens: int
    temperature: float = 1.0
    top_k: Optional[int] = None

    @property
    def do_sample(self) -> bool:
        return self.temperature > 0

    def validate(self):
        if math.isnan(self.temperature) or self.temperature < 0:
            raise ValueError(f"`temperature` has to be a non-negative float, but is {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"`top_k` has to be a strictly positive integer, but is {self.top_k}")


class TemperatureLogitsWarper:
    """Exponentially scales the output probability distribution."""

    def __init__(self, temperature: float):
        self.temperature = temperature

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        return scores / self.temperature


class TopKLogitsWarper:
    """Restricts sampling to the k highest probability elements."""

    def __init__(self, top_k: int, filter_value: float = -float("inf")):
        self.top_k = top_k
        self.filter_value = filter_value

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        top_k = min(self.top_k, scores.size(-1))  # Safety check
        # Remove all tokens with a probability less than the last token of the top-k
        indices_to_remove = scores < torch.topk(scores, top_k)[0][..., -1, None]
        return scores.masked_fill(indices_to_remove, self.filter_value)


class LogitsProcessorList:
    def __init__(self):
        self.processors = []

    def append(self, processor):
        self.processors.append(processor)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        for processor in self.processors:
            scores = processor(input_ids, scores)
        return scores


class MaxLengthCriteria:
    def __init__(self, max_length: int):
        self.max_length = max_length

    def __call__(self, input_ids: torch.LongTensor) -> bool:
        return input_ids.shape[-1] >= self.max_length


class WordCountCriteria:
    """Done when `n_words` new words stand behind the prompt and the last of them is closed by a space."""

    def __init__(self, tokenizer, prompt_ids: List[int], n_words: int):
        self.tokenizer = tokenizer
        self.target = len(tokenizer.decode(prompt_ids).split()) + n_words

    def __call__(self, input_ids: torch.LongTensor) -> bool:
        text = self.tokenizer.decode(input_ids[0].tolist())
        return text.endswith(" ") and len(text.split()) >= self.target


def _get_logits_warper(generation_config: GenerationConfig) -> LogitsProcessorList:
    warpers = LogitsProcessorList()
    if generation_config.do_sample and generation_config.temperature != 1.0:
        warpers.append(TemperatureLogitsWarper(generation_config.temperature))
    if generation_config.do_sample and generation_config.top_k is not None:
        warpers.append(TopKLogitsWarper(generation_config.top_k))
    return warpers


def _prepare_inputs_for_generation(model, input_ids):
    return {"ids": input_ids[:, -model.config["block_size"] :]}


def _sample(model, input_ids, logits_warper, stopping_criteria, do_sample, generator):
    while not stopping_criteria(input_ids):
        model_inputs = _prepare_inputs_for_generation(model, input_ids)
        outputs = model(model_inputs["ids"])
        next_token_logits = outputs[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
        next_token_scores = logits_warper(input_ids, next_token_logits)
        if do_sample:
            probs = torch.nn.functional.softmax(next_token_scores, dim=-1)
            next_tokens = torch.multinomial(probs, num_samples=1, generator=generator).squeeze(1)
        else:
            next_tokens = torch.argmax(next_token_scores, dim=-1)
        # update generated ids for next step
        input_ids = torch.cat([input_ids, next_tokens[:, None]], dim=-1)
    return input_ids


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    generation_config = GenerationConfig(max_new_tokens=max_new_tokens, temperature=temperature, top_k=top_k)
    generation_config.validate()
    logits_warper = _get_logits_warper(generation_config)
    stopping_criteria = MaxLengthCriteria(max_length=ids.shape[-1] + generation_config.max_new_tokens)

    was_training = model.training
    model.eval()
    try:
        return _sample(model, ids, logits_warper, stopping_criteria, generation_config.do_sample, generator)
    finally:
        model.train(was_training)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    prompt_ids = tokenizer.encode(prompt)
    input_ids = torch.tensor([prompt_ids], dtype=torch.long)
    words_done = WordCountCriteria(tokenizer, prompt_ids, n_words)
    out_of_budget = MaxLengthCriteria(max_length=len(prompt_ids) + 30 * n_words)

    while not out_of_budget(input_ids):
        input_ids = generate(model, input_ids, 1, temperature=temperature, generator=generator)
        if words_done(input_ids):
            # clean up tokenization spaces
            return tokenizer.decode(input_ids[0].tolist())[:-1]
    return tokenizer.decode(input_ids[0].tolist())
