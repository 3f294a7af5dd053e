from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType, TracebackType

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn


@dataclass
class Tap:
    """Taps the attention function of a module as long as it is open."""

    module: ModuleType
    maps: list[Tensor] = field(default_factory=list)
    original: Callable[..., tuple[Tensor, Tensor]] | None = None

    def __enter__(self) -> Tap:
        self.original = self.module.causal_attention
        self.module.causal_attention = self
        return self

    def __call__(self, *args: Tensor, **kwargs: Tensor) -> tuple[Tensor, Tensor]:
        assert self.original is not None
        output, weights = self.original(*args, **kwargs)
        self.maps.append(weights.detach()[0].clone().cpu())
        return output, weights

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.module.causal_attention = self.original


def record_attention(model: nn.Module, ids: Tensor) -> list[Tensor]:
    module = sys.modules[type(model).__module__]
    if not callable(getattr(module, "causal_attention", None)):
        raise ValueError(f"{module.__name__} defines no causal_attention")
    was_training = model.training
    try:
        with Tap(module) as tap, torch.no_grad():
            model.eval()
            model(ids)
    finally:
        model.train(was_training)
    if not tap.maps:
        raise ValueError("the model makes no use of causal_attention")
    return tap.maps


@dataclass(frozen=True, order=True)
class Look:
    negative_share: float
    place: int
    token: str = field(compare=False)

    def as_tuple(self) -> tuple[int, str, float]:
        return self.place, self.token, -self.negative_share


def strongest(weights: Tensor, tokens: Sequence[str], place: int, n: int = 3) -> list[tuple[int, str, float]]:
    if weights.shape != torch.Size([len(tokens), len(tokens)]):
        raise ValueError(f"expected a square of {len(tokens)}, got {list(weights.shape)}")
    if not 0 <= place < len(tokens):
        raise ValueError(f"place out of range: {place}")
    if n < 1:
        raise ValueError(f"n out of range: {n}")
    looks = [Look(-share, at, tokens[at]) for at, share in enumerate(weights[place].tolist()) if at <= place]
    return [look.as_tuple() for look in sorted(looks)[:n]]


def _label(ax: Axes, tokens: Sequence[str]) -> None:
    for setter in (ax.set_xticks, ax.set_yticks):
        setter(list(range(len(tokens))), labels=["␣" if token == " " else token for token in tokens])


def attention_figure(weights: Sequence[Tensor], tokens: Sequence[str]) -> Figure:
    sizes = {layer.shape[-1] for layer in weights}
    if sizes != {len(tokens)}:
        raise ValueError(f"{len(tokens)} tokens do not fit maps of {sizes}")
    figure = Figure(figsize=(3 * weights[0].shape[0], 3 * len(weights)))
    subfigures = figure.subfigures(len(weights), 1, squeeze=False)[:, 0]
    for number, (subfigure, layer) in enumerate(zip(subfigures, weights), 1):
        axes = subfigure.subplots(1, layer.shape[0], squeeze=False)[0]
        for head, (ax, shares) in enumerate(zip(axes, layer), 1):
            ax.imshow(shares.numpy(), vmin=0, vmax=1, cmap="Purples")
            ax.set_title(f"layer {number}, head {head}")
            _label(ax, tokens)
    return figure
