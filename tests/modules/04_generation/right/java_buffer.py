"""Sampler of the MiniGPT. Ported in spirit from a Java class: one object, one buffer, explicit indices."""

import math

import torch

MAX_CHARS_PER_WORD = 30
SPACE = " "


class TokenPicker:
    """Immutable settings and the strategy that follows from them."""

    def __init__(self, temperature, topK, generator):
        if math.isnan(temperature) or temperature < 0.0:
            raise ValueError("temperature must be >= 0, but was " + str(temperature))
        if topK is not None and topK < 1:
            raise ValueError("top_k must be >= 1, but was " + str(topK))
        self._temperature = temperature
        self._topK = topK
        self._generator = generator

    def isGreedy(self):
        return self._temperature == 0.0

    def pick(self, scores):
        """scores: 1-D tensor of length V. Returns an int."""
        if self.isGreedy():
            return int(scores.argmax())
        allowed = self._applyTopK(scores)
        probabilities = (allowed / self._temperature).softmax(dim=0)
        drawn = torch.multinomial(probabilities, 1, generator=self._generator)
        return int(drawn[0])

    def _applyTopK(self, scores):
        if self._topK is None or self._topK >= scores.numel():
            return scores
        result = torch.full_like(scores, -math.inf)
        winners = scores.sort(descending=True, stable=True).indices
        i = 0
        while i < self._topK:
            winner = winners[i]
            result[winner] = scores[winner]
            i += 1
        return result


class TokenWriter:
    """Owns the output buffer. The caller's tensor is only read."""

    def __init__(self, model, ids, capacity):
        self._model = model
        self._window = model.config["block_size"]
        self._length = ids.size(1)
        self._buffer = torch.zeros((1, capacity), dtype=ids.dtype, device=ids.device)
        self._buffer[0, : self._length] = ids[0]

    def isFull(self):
        return self._length == self._buffer.size(1)

    def step(self, picker):
        first = max(0, self._length - self._window)
        visible = self._buffer[:, first : self._length]
        logits = self._model(visible)
        scores = logits[0, visible.size(1) - 1]
        self._buffer[0, self._length] = picker.pick(scores)
        self._length += 1

    def result(self):
        return self._buffer


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.size(1) == 0:
        raise ValueError("ids must hold at least one token")
    picker = TokenPicker(temperature, top_k, generator)
    writer = TokenWriter(model, ids, ids.size(1) + max_new_tokens)
    wasTraining = model.training
    model.eval()
    try:
        with torch.no_grad():
            while not writer.isFull():
                writer.step(picker)
    finally:
        model.train(wasTraining)
    return writer.result()


class WordCounter:
    """Counts a text's words: in all, and those that are closed by a space."""

    def __init__(self, text):
        self.total = len(text.split())
        self.closed = self.total if text.endswith(SPACE) else self.total - 1


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    promptLength = ids.size(1)
    maxLength = promptLength + MAX_CHARS_PER_WORD * n_words
    text = tokenizer.decode(ids[0].tolist())
    target = WordCounter(text).total + n_words

    while ids.size(1) < maxLength:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
        if WordCounter(text).closed >= target:
            return text[: len(text) - len(SPACE)]
    return text
