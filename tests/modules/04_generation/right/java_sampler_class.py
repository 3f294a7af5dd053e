"""Style: a Java programmer. Classes, getters, strategies; thin functions; exponential race."""

from abc import ABC, abstractmethod

import torch


class TokenPicker(ABC):
    @abstractmethod
    def pick(self, scores):
        """Return the chosen id, a tensor without dimensions."""


class GreedyPicker(TokenPicker):
    def pick(self, scores):
        return scores.argmax()


class RandomPicker(TokenPicker):
    def __init__(self, temperature, topK, generator):
        self.temperature = temperature
        self.topK = topK
        self.generator = generator

    def pick(self, scores):
        chances = torch.softmax(scores / self.temperature, dim=0)
        if self.topK is not None:
            losers = chances.argsort(descending=True)[self.topK :]
            chances = chances.index_fill(0, losers, 0.0)
        waiting = torch.empty_like(chances).exponential_(generator=self.generator)
        return torch.argmax(chances / waiting)


class PickerFactory:
    @staticmethod
    def create(temperature, topK, generator):
        if temperature != temperature or temperature < 0.0:
            raise ValueError("IllegalArgument: temperature = " + str(temperature))
        if topK is not None and topK <= 0:
            raise ValueError("IllegalArgument: topK = " + str(topK))
        if temperature == 0.0:
            return GreedyPicker()
        return RandomPicker(temperature, topK, generator)


class Sampler:
    def __init__(self, model, picker):
        self._model = model
        self._picker = picker

    def getBlockSize(self):
        return self._model.config["block_size"]

    def getPicker(self):
        return self._picker

    def nextToken(self, history):
        context = history[-self.getBlockSize() :]
        scores = self._model(context.unsqueeze(0)).squeeze(0)
        return self.getPicker().pick(scores[-1])

    def run(self, history, count):
        wasTraining = self._model.training
        gradWasOn = torch.is_grad_enabled()
        self._model.train(False)
        torch.set_grad_enabled(False)
        try:
            for _ in range(count):
                token = self.nextToken(history)
                history = torch.hstack([history, token.reshape(1)])
            return history
        finally:
            torch.set_grad_enabled(gradWasOn)
            self._model.train(wasTraining)


class WordWriter:
    MAX_WORD_LENGTH = 400

    def __init__(self, sampler, tokenizer):
        self.sampler = sampler
        self.tokenizer = tokenizer

    def toText(self, history):
        return self.tokenizer.decode(history.tolist())

    def writeWord(self, history):
        started = False
        for _ in range(self.MAX_WORD_LENGTH):
            history = self.sampler.run(history, 1)
            isBlank = self.toText(history[-1:]).isspace()
            if started and isBlank:
                break
            started = started or not isBlank
        return history


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    sampler = Sampler(model, PickerFactory.create(temperature, top_k, generator))
    return sampler.run(ids[0], max_new_tokens).unsqueeze(0)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    picker = PickerFactory.create(temperature, None, generator)
    writer = WordWriter(Sampler(model, picker), tokenizer)
    history = torch.tensor(tokenizer.encode(prompt), dtype=torch.int64)
    for _ in range(n_words):
        history = writer.writeWord(history)
    return writer.toText(history)
