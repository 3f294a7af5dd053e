"""Text generation with a config, a chain of logits processors and a stopping criterion.

The layout follows the large libraries: each rule is a small object that can be exchanged.
"""

import math
from dataclasses import dataclass
from typing import List, Optional

import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class SamplingConfig:
    """The settings of one call, checked when they are made."""

    max_new_tokens: int
    temperature: float = 1.0
    top_k: Optional[int] = None

    def __post_init__(self):
        if math.isnan(self.temperature) or self.temperature < 0:
            raise ValueError(f"`temperature` has to be 0 or above, but is {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"`top_k` has to be 1 or above, but is {self.top_k}")

    @property
    def do_sample(self) -> bool:
        return self.temperature > 0


class TemperatureWarper:
    """Stretches the scores apart (below 1) or brings them together (above 1)."""

    def __init__(self, temperature: float):
        self.temperature = temperature

    def __call__(self, scores: torch.Tensor) -> torch.Tensor:
        return scores / self.temperature


class TopKWarper:
    """Leaves the scores of the best ids alone and gives all the others the filter value."""

    def __init__(self, top_k: int, filter_value: float = -float("inf")):
        self.top_k = top_k
        self.filter_value = filter_value

    def __call__(self, scores: torch.Tensor) -> torch.Tensor:
        best = torch.topk(scores, min(self.top_k, scores.size(-1)), dim=-1)
        filtered = torch.full_like(scores, self.filter_value)
        return filtered.scatter(-1, best.indices, best.values)


class EnoughWords:
    """Stopping criterion: there are enough words, and the last one is finished."""

    def __init__(self, prompt_text: str, n_words: int, max_word_length: int = 30):
        self.target = len(prompt_text.split()) + n_words
        self.budget = max_word_length * n_words
        self.spent = 0

    def out_of_budget(self) -> bool:
        return self.spent >= self.budget

    def update(self, text: str) -> bool:
        self.spent += 1
        return len(text.split()) >= self.target and text.endswith(" ")


def build_processors(config: SamplingConfig) -> List:
    """Collect the processors that these settings ask for."""
    processors = []
    if config.top_k is not None:
        processors.append(TopKWarper(config.top_k))
    processors.append(TemperatureWarper(config.temperature))
    return processors


def select_token(scores: torch.Tensor, config: SamplingConfig, processors, generator) -> torch.Tensor:
    """(1, V) -> (1, 1)"""
    # Greedy search needs no processors: none of them changes which score is the highest.
    if not config.do_sample:
        return torch.argmax(scores, dim=-1, keepdim=True)
    for processor in processors:
        scores = processor(scores)
    probs = F.softmax(scores, dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Check the settings and prepare the rules.
    config = SamplingConfig(max_new_tokens, temperature, top_k)
    if ids.shape[-1] == 0:
        raise ValueError("`ids` has to hold at least one id")
    processors = build_processors(config)
    context_length = model.config["block_size"]

    # Switch dropout and the like off, and remember how it was.
    was_training = model.training
    model.eval()
    try:
        input_ids = ids.clone()
        for _ in range(config.max_new_tokens):
            # The model can only look at the end of a long text.
            model_input = input_ids[:, -context_length:]
            # The scores for the id that comes after the last one.
            next_scores = model(model_input)[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
            # Choose, and append.
            next_id = select_token(next_scores, config, processors, generator)
            input_ids = torch.cat([input_ids, next_id], dim=-1)
        return input_ids
    finally:
        model.train(was_training)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # The prompt in ids, and back in the tokenizer's own spelling.
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)
    criterion = EnoughWords(text, n_words)

    # Add characters until the criterion is content or its budget is spent.
    ids = torch.tensor(prompt_ids, dtype=torch.long).unsqueeze(0)
    finished = False
    while not finished and not criterion.out_of_budget():
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids.squeeze(0).tolist())
        finished = criterion.update(text)

    # Without the space that showed that the last word is finished.
    return text[:-1] if finished else text
