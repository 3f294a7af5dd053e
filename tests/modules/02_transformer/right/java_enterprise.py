# Java habits: an abstract base class, a builder, getters, camelCase and a static helper.

from abc import ABC, abstractmethod

import torch


class MaskFactory:
    @staticmethod
    def createHiddenMatrix(size):
        hidden = torch.zeros((size, size), dtype=torch.bool)
        row = 0
        while row < size:
            hidden[row, row + 1 :] = True
            row += 1
        return hidden


class AttentionCalculator:
    def __init__(self, queries, keys, values):
        self.queries = queries
        self.keys = keys
        self.values = values

    def getHeadSize(self):
        return self.queries.size(dim=3)

    def getSequenceLength(self):
        return self.queries.size(dim=2)

    def computeScores(self):
        transposedKeys = self.keys.permute(0, 1, 3, 2)
        return torch.matmul(self.queries, transposedKeys) / float(self.getHeadSize()) ** 0.5

    def computeWeights(self):
        hidden = MaskFactory.createHiddenMatrix(self.getSequenceLength())
        scores = self.computeScores().masked_fill(hidden.to(self.queries.device), -1e9)
        return torch.nn.functional.softmax(scores, dim=3)

    def computeOutput(self, weights):
        return torch.matmul(weights, self.values)


def causal_attention(queries, keys, values):
    calculator = AttentionCalculator(queries, keys, values)
    weights = calculator.computeWeights()
    return calculator.computeOutput(weights), weights


class AbstractSubLayer(torch.nn.Module, ABC):
    def __init__(self, width):
        super().__init__()
        self.normalizer = torch.nn.LayerNorm(width)

    @abstractmethod
    def transform(self, normalized):
        """What the sub layer adds to the stream."""

    def forward(self, stream):
        return stream + self.transform(self.normalizer(stream))


class AttentionSubLayer(AbstractSubLayer):
    def __init__(self, width, headCount):
        super().__init__(width)
        self.headCount = headCount
        self.inputProjection = torch.nn.Linear(width, 3 * width)
        self.outputProjection = torch.nn.Linear(width, width)

    def transform(self, normalized):
        batch, length, width = normalized.shape
        projected = self.inputProjection(normalized)
        projected = projected.view(batch, length, 3, self.headCount, width // self.headCount)
        queries, keys, values = projected.permute(2, 0, 3, 1, 4).unbind(dim=0)
        output, _ = causal_attention(queries, keys, values)
        return self.outputProjection(output.transpose(1, 2).reshape(batch, length, width))


class FeedForwardSubLayer(AbstractSubLayer):
    def __init__(self, width):
        super().__init__(width)
        self.firstProjection = torch.nn.Linear(width, 4 * width)
        self.secondProjection = torch.nn.Linear(4 * width, width)

    def transform(self, normalized):
        return self.secondProjection(torch.relu(self.firstProjection(normalized)))


class StackBuilder:
    def __init__(self):
        self.subLayers = []

    def withBlock(self, width, headCount):
        self.subLayers.append(AttentionSubLayer(width, headCount))
        self.subLayers.append(FeedForwardSubLayer(width))
        return self

    def build(self):
        return torch.nn.ModuleList(self.subLayers)


class MiniGPT(torch.nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = {"vocab_size": vocab_size, "n_embd": n_embd, "n_head": n_head}
        self.config.update({"n_layer": n_layer, "block_size": block_size})
        self.tokenTable = torch.nn.Embedding(vocab_size, n_embd)
        self.positionTable = torch.nn.Embedding(block_size, n_embd)
        builder = StackBuilder()
        for _ in range(n_layer):
            builder = builder.withBlock(n_embd, n_head)
        self.subLayers = builder.build()
        self.finalNormalizer = torch.nn.LayerNorm(n_embd)
        self.classifier = torch.nn.Linear(n_embd, vocab_size)

    def forward(self, tokens):
        stream = self.tokenTable(tokens) + self.positionTable.weight[: tokens.size(1)]
        for subLayer in self.subLayers:
            stream = subLayer(stream)
        return self.classifier(self.finalNormalizer(stream))
