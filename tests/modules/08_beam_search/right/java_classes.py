# Style: somebody who comes from Java. Classes with getters, a comparator, a scorer.
from functools import cmp_to_key

import torch
import torch.nn.functional as F


class Hypothesis:
    def __init__(self, tokens, logProbability, promptLength, ended):
        self._tokens = tokens
        self._logProbability = logProbability
        self._promptLength = promptLength
        self._ended = ended

    def getTokens(self):
        return self._tokens

    def isEnded(self):
        return self._ended

    def getLogProbability(self):
        return self._logProbability

    def getNewLength(self):
        return self._tokens.size(1) - self._promptLength

    def extend(self, token, logProbability, eosId):
        column = torch.full((1, 1), token, dtype=torch.long, device=self._tokens.device)
        tokens = torch.cat((self._tokens, column), dim=1)
        total = self._logProbability + logProbability
        return Hypothesis(tokens, total, self._promptLength, eosId is not None and token == eosId)


class Scorer:
    def __init__(self, lengthPenalty):
        self._lengthPenalty = lengthPenalty

    def score(self, hypothesis):
        divisor = hypothesis.getNewLength() ** self._lengthPenalty
        return hypothesis.getLogProbability() / divisor

    def compare(self, a, b):
        difference = self.score(b) - self.score(a)
        return (difference > 0) - (difference < 0)


class LanguageModel:
    def __init__(self, model):
        self._model = model
        self._blockSize = model.config["block_size"]

    def nextLogProbabilities(self, tokens):
        window = tokens[:, max(0, tokens.size(1) - self._blockSize) :]
        return F.log_softmax(self._model(window)[:, -1, :], dim=1)

    def __enter__(self):
        self._wasTraining = self._model.training
        self._gradients = torch.is_grad_enabled()
        self._model.eval()
        torch.set_grad_enabled(False)
        return self

    def __exit__(self, *exception):
        torch.set_grad_enabled(self._gradients)
        if self._wasTraining:
            self._model.train()
        return False


class BeamSearcher:
    def __init__(self, languageModel, beamCount, scorer, eosId):
        self._languageModel = languageModel
        self._beamCount = beamCount
        self._scorer = scorer
        self._eosId = eosId

    def step(self, hypotheses):
        candidates = [h for h in hypotheses if h.isEnded()]
        open_ = [h for h in hypotheses if not h.isEnded()]
        batch = torch.cat([h.getTokens() for h in open_], dim=0)
        table = self._languageModel.nextLogProbabilities(batch)
        for row, hypothesis in enumerate(open_):
            for token in range(table.size(1)):
                value = table[row, token].item()
                candidates.append(hypothesis.extend(token, value, self._eosId))
        candidates.sort(key=cmp_to_key(self._scorer.compare))
        return candidates[: self._beamCount]

    def run(self, prompt, steps):
        hypotheses = [Hypothesis(prompt, 0.0, prompt.size(1), False)]
        for _ in range(steps):
            if all(h.isEnded() for h in hypotheses):
                break
            hypotheses = self.step(hypotheses)
        return [(h.getTokens(), self._scorer.score(h)) for h in hypotheses]


def log_probability(model, ids, start):
    if not (1 <= start <= ids.size(1)):
        raise ValueError("Illegal argument: start")
    total = 0.0
    with LanguageModel(model) as languageModel:
        for position in range(start, ids.size(1)):
            table = languageModel.nextLogProbabilities(ids[:, :position])
            total += table[0, ids[0, position]].item()
    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1 or max_new_tokens < 1:
        raise ValueError("Illegal argument: n_beams and max_new_tokens must be positive")
    if ids.size(1) < 1:
        raise ValueError("Illegal argument: ids must not be empty")
    with LanguageModel(model) as languageModel:
        searcher = BeamSearcher(languageModel, n_beams, Scorer(length_penalty), eos_id)
        return searcher.run(ids, max_new_tokens)
