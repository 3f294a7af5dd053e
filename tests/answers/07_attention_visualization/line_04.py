import sys
from typing import List, Tuple

import torch
from torch import Tensor


class AttentionRecorder:
    def __init__(self, model) -> None:
        self._model = model
        self._moduleName: str = type(model).__module__
        self._module = sys.modules.get(self._moduleName)
        self._original = None
        self._records: List[Tensor] = []

    def install(self) -> None:
        if self._module is None or not hasattr(self._module, "causal_attention"):
            raise ValueError("The module " + self._moduleName + " does not provide causal_attention.")
        self._original = getattr(self._module, "causal_attention")
        setattr(self._module, "causal_attention", self._intercept)

    def uninstall(self) -> None:
        if self._original is not None:
            setattr(self._module, "causal_attention", self._original)

    def _intercept(self, *arguments, **keywordArguments):
        pair = self._original(*arguments, **keywordArguments)
        self._records.append(pair[1].detach().cpu()[0])
        return pair

    def getRecords(self) -> List[Tensor]:
        if len(self._records) == 0:
            raise ValueError("The model does not call causal_attention.")
        return self._records


class ModeGuard:
    def __init__(self, model) -> None:
        self._model = model
        self._mode = model.training

    def __enter__(self) -> "ModeGuard":
        self._model.eval()
        return self

    def __exit__(self, *unused) -> None:
        self._model.train(self._mode)


def record_attention(model, ids) -> List[Tensor]:
    recorder = AttentionRecorder(model)
    recorder.install()
    try:
        with ModeGuard(model), torch.no_grad():
            model(ids)
    finally:
        recorder.uninstall()
    return recorder.getRecords()


class Candidate:
    def __init__(self, place: int, token: str, share: float) -> None:
        self.place = place
        self.token = token
        self.share = share

    def isBetterThan(self, other: "Candidate") -> bool:
        if self.share != other.share:
            return self.share > other.share
        return self.place < other.place

    def toTuple(self) -> Tuple[int, str, float]:
        return (self.place, self.token, self.share)


def strongest(weights, tokens, place, n=3):
    size = weights.size(0)
    if len(tokens) != size:
        raise ValueError("The number of tokens must be " + str(size) + ".")
    if place < 0 or place > size - 1:
        raise ValueError("The place is out of range: " + str(place))
    if n <= 0:
        raise ValueError("n must be positive.")
    ranking: List[Candidate] = []
    for index in range(0, place + 1):
        candidate = Candidate(index, tokens[index], weights[place][index].item())
        position = 0
        while position < len(ranking) and not candidate.isBetterThan(ranking[position]):
            position += 1
        ranking.insert(position, candidate)
    return [candidate.toTuple() for candidate in ranking[0:n]]


class HeadPainter:
    def __init__(self, tokens: List[str]) -> None:
        self._tokens = ["␣" if token == " " else token for token in tokens]

    def paint(self, axes, matrix: Tensor, title: str) -> None:
        axes.imshow(matrix.numpy(), cmap="cividis", vmin=0, vmax=1)
        axes.set_title(title)
        positions = list(range(len(self._tokens)))
        axes.set_xticks(positions, self._tokens)
        axes.set_yticks(positions, self._tokens)


def attention_figure(weights, tokens):
    from matplotlib.figure import Figure

    for layer in weights:
        if layer.size(-1) != len(tokens):
            raise ValueError("The number of tokens must be " + str(layer.size(-1)) + ".")
    painter = HeadPainter(tokens)
    numberOfLayers = len(weights)
    numberOfHeads = weights[0].size(0)
    figure = Figure(figsize=(4 * numberOfHeads, 4 * numberOfLayers))
    for layerIndex in range(numberOfLayers):
        for headIndex in range(numberOfHeads):
            number = layerIndex * numberOfHeads + headIndex + 1
            axes = figure.add_subplot(numberOfLayers, numberOfHeads, number)
            title = "layer " + str(layerIndex + 1) + ", head " + str(headIndex + 1)
            painter.paint(axes, weights[layerIndex][headIndex], title)
    return figure
