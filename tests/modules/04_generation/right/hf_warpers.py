# style: Hugging Face transformers, a config dataclass, logits warpers and stopping criteria as classes
import math
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class GenerationConfig:
    max_new_tokens: int
    temperature: float = 1.0
    top_k: int | None = None

    def __post_init__(self):
        if math.isnan(self.temperature) or self.temperature < 0:
            raise ValueError("`temperature` has to be a float >= 0")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError("`top_k` has to be a strictly positive integer")

    @property
    def do_sample(self):
        return self.temperature > 0


class TopKLogitsWarper:
    def __init__(self, top_k, filter_value=-float("Inf")):
        self.top_k = top_k
        self.filter_value = filter_value

    def __call__(self, input_ids, scores):
        top_k = min(self.top_k, scores.size(-1))
        indices_to_remove = scores < torch.topk(scores, top_k)[0][..., -1, None]
        return scores.masked_fill(indices_to_remove, self.filter_value)


class TemperatureLogitsWarper:
    def __init__(self, temperature):
        self.temperature = temperature

    def __call__(self, input_ids, scores):
        return scores / self.temperature


class LogitsProcessorList(list):
    def __call__(self, input_ids, scores):
        for processor in self:
            scores = processor(input_ids, scores)
        return scores

    @classmethod
    def from_config(cls, config):
        warpers = cls()
        if config.do_sample and config.top_k is not None:
            warpers.append(TopKLogitsWarper(config.top_k))
        if config.do_sample:
            warpers.append(TemperatureLogitsWarper(config.temperature))
        return warpers


class WordCountCriteria:
    def __init__(self, tokenizer, prompt_ids, n_words):
        self.tokenizer = tokenizer
        self.wanted = len(tokenizer.decode(prompt_ids).split()) + n_words

    def __call__(self, input_ids):
        text = self.tokenizer.decode(input_ids[0].tolist())
        return text.endswith(" ") and len(text.split()) >= self.wanted


def _sample(model, input_ids, config, generator):
    logits_warper = LogitsProcessorList.from_config(config)
    max_length = model.config["block_size"]
    for _ in range(config.max_new_tokens):
        model_inputs = input_ids[:, -max_length:]
        next_token_logits = model(model_inputs)[:, -1, :]
        next_token_scores = logits_warper(input_ids, next_token_logits)
        if config.do_sample:
            probs = nn.functional.softmax(next_token_scores, dim=-1)
            next_tokens = torch.multinomial(probs, num_samples=1, generator=generator).squeeze(1)
        else:
            next_tokens = torch.argmax(next_token_scores, dim=-1)
        input_ids = torch.cat([input_ids, next_tokens[:, None]], dim=-1)
    return input_ids


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    config = GenerationConfig(max_new_tokens, temperature, top_k)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        output_ids = _sample(model, ids, config, generator)
    if was_training:
        model.train()
    return output_ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    prompt_ids = tokenizer.encode(prompt)
    stopping_criteria = WordCountCriteria(tokenizer, prompt_ids, n_words)
    input_ids = torch.LongTensor([prompt_ids])
    max_length = len(prompt_ids) + 30 * n_words
    while input_ids.shape[-1] < max_length:
        input_ids = generate(model, input_ids, 1, temperature=temperature, generator=generator)
        if stopping_criteria(input_ids):
            break
    return tokenizer.decode(input_ids[0].tolist())
