"""Run a trained model with numpy alone: the formulas of loops 2, 4 and 10, without PyTorch.

The file comes from export_npz.py. What is the same for every token is worked out once, when the
model is loaded:

- Layer norm takes the mean out of what it reads, and nothing else reads x. So nothing that is added
  to x needs a mean: it is taken out of the weights.
- The scale and the shift of a layer norm, and attention's 1 / sqrt(D), go into the layer behind it.

Shapes: t new tokens, T tokens in all, C numbers per token, H heads, D = C / H, V possible tokens.
"""

import json
import math
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from mini_gpt.support.speaking.samplers import Sampler

FINE, WIDE = 1024, 6  # the table of the normal distribution: entries per unit, and how far it goes


class Linear(NamedTuple):
    """A layer that multiplies and adds. It takes (t, inputs) to (t, outputs)."""

    weight: np.ndarray  # (inputs, outputs)
    bias: np.ndarray  # (1, outputs)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Apply it."""
        y = x @ self.weight
        y += self.bias
        return y

    def behind(self, scale: np.ndarray, shift: np.ndarray) -> "Linear":
        """Return the layer that does in one what a scale, a shift and this layer do."""
        return Linear(scale[:, None] * self.weight, shift @ self.weight + self.bias)

    def centered(self) -> "Linear":
        """Return the layer whose outputs are these, less their mean."""
        return Linear(without_mean(self.weight), without_mean(self.bias))

    def kept(self) -> "Linear":
        """Return the layer as it is kept: in float32, and row by row in memory."""
        return Linear(*(np.ascontiguousarray(part, dtype=np.float32) for part in self))


class Block(NamedTuple):
    """The four layers of a block."""

    qkv: Linear
    output: Linear
    wide: Linear
    narrow: Linear


class NumpyGPT:
    """A MiniGPT that can only be used, not trained. It remembers keys and values.

    Args:
        path: the exported model, an .npz file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not an exported model.
    """

    def __init__(self, path: str | Path):
        try:
            with np.load(path, allow_pickle=False) as file:
                weights = {name: file[name] for name in file.files}
            self.about = json.loads(str(weights.pop("about")))
            self.config = self.about["config"]
            self.fold(weights)
        except (AttributeError, KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path} must be a model exported to .npz ({error})") from error
        C = self.config["n_embd"]
        self.mean = np.full((C, 1), 1 / C, dtype=np.float32)
        self.forget()

    def fold(self, weights: dict[str, np.ndarray]) -> None:
        """Make the layers from the weights of loop 2, and work out what can be."""

        def exact(name: str) -> np.ndarray:
            return weights[name].astype(np.float64)  # rounded once, when all is folded

        def linear(name: str) -> Linear:
            return Linear(exact(f"{name}.weight").T, exact(f"{name}.bias")[None])

        def norm(name: str) -> tuple[np.ndarray, np.ndarray]:
            return exact(f"{name}.weight"), exact(f"{name}.bias")

        C, H = self.config["n_embd"], self.config["n_head"]
        thirds = np.repeat([1 / math.sqrt(C // H), 1, 1], C)  # only the queries are divided
        self.tokens = without_mean(exact("token_embedding.weight")).astype(np.float32)
        self.places = without_mean(exact("position_embedding.weight")).astype(np.float32)
        self.head = linear("head").behind(*norm("norm")).kept()
        self.blocks = []
        for block in (f"blocks.{number}" for number in range(self.config["n_layer"])):
            qkv = linear(f"{block}.attention.qkv").behind(*norm(f"{block}.norm_1"))
            output = linear(f"{block}.attention.output").centered()
            wide = linear(f"{block}.mlp.0").behind(*norm(f"{block}.norm_2"))
            narrow = linear(f"{block}.mlp.2").centered()
            layers = (Linear(qkv.weight * thirds, qkv.bias * thirds), output, wide, narrow)
            self.blocks.append(Block(*(layer.kept() for layer in layers)))

    def forget(self) -> None:
        """Empty the cache: nothing has been read yet."""
        L, H, C, room = (self.config[n] for n in ("n_layer", "n_head", "n_embd", "block_size"))
        self.length = 0
        self.keys = np.zeros((L, H, C // H, room), dtype=np.float32)
        self.values = np.zeros((L, H, room, C // H), dtype=np.float32)

    def norm(self, x: np.ndarray) -> np.ndarray:
        """Bring each row, whose mean is 0, to spread 1."""
        return x / np.sqrt((x * x) @ self.mean + 1e-5)

    def attend(self, number: int, x: np.ndarray) -> np.ndarray:
        """Let new tokens look back, in the block of this number: (t, C) to (t, C)."""
        keys, values, block = self.keys[number], self.values[number], self.blocks[number]
        (t, C), start, end = x.shape, self.length, self.length + len(x)
        q, k, v = block.qkv(x).reshape(t, 3, len(keys), -1).transpose(1, 2, 0, 3)  # (H, t, D) each
        keys[:, :, start:end] = k.transpose(0, 2, 1)
        values[:, start:end] = v
        scores = q @ keys[:, :, :end]  # (H, t, T)
        if t > 1:
            scores[:, np.arange(end) > np.arange(start, end)[:, None]] = -np.inf  # the future
        scores -= scores.max(axis=-1, keepdims=True)
        powers = np.exp(scores, out=scores)
        mixed = powers @ values[:, :end]
        mixed /= powers.sum(axis=-1, keepdims=True)
        return block.output(mixed.transpose(1, 0, 2).reshape(t, C))

    def forward(self, ids: list[int]) -> np.ndarray:
        """Read new tokens, and return the logits after each of them, (t, V).

        Raises:
            ValueError: the text gets longer than block_size.
        """
        end, room = self.length + len(ids), self.config["block_size"]
        if end > room:
            raise ValueError(f"all tokens must fit into block_size {room}, got {end}")
        x = self.tokens[ids] + self.places[self.length : end]
        for number, block in enumerate(self.blocks):
            x += self.attend(number, self.norm(x))
            wide = block.wide(self.norm(x))
            wide *= share_below(wide)  # GELU
            x += block.narrow(wide)
        self.length = end
        return self.head(self.norm(x))

    def generate(
        self,
        ids: list[int],
        n: int,
        temperature: float = 0.8,
        samplers: Iterable[Sampler] = (),
        random: Random | None = None,
    ) -> Iterator[int]:
        """Continue a text, and yield n new ids, each as soon as it is there.

        Args:
            ids: the text so far, at least 1.
            n: how many to add.
            temperature: 0 takes the best, above it one is drawn.
            samplers: leave out unlikely tokens, see mini_gpt/support/speaking/samplers.py.
            random: where the random numbers come from. None: from somewhere else each time.

        Raises:
            ValueError: there is no token to continue, or the temperature is below 0.
        """
        if not ids:
            raise ValueError("ids must hold at least 1 token to continue, got 0")
        if not temperature >= 0:
            raise ValueError(f"temperature must be 0 or above, got {temperature}")
        return self.continuation(list(ids), n, temperature, list(samplers), random or Random())

    def continuation(self, ids, n, temperature, samplers, random) -> Iterator[int]:
        """Yield n new ids. What the cache holds is not calculated again."""
        room = self.config["block_size"]
        self.forget()
        for _ in range(n):
            if self.length == room:
                self.forget()  # every token moves to another place
            unseen = ids[-1:] if self.length else ids[-room:]
            logits = self.forward(unseen)[-1]
            ids.append(draw(logits, temperature, samplers, random))
            yield ids[-1]


@cache
def normal_table() -> tuple[np.ndarray, np.ndarray]:
    """Return the shares below -WIDE to WIDE, and how much each is less than the next."""
    places = (entry / FINE for entry in range(-WIDE * FINE, WIDE * FINE + 1))
    below = np.array([(1 + math.erf(place / math.sqrt(2))) / 2 for place in places])
    rise = np.diff(below, append=below[-1])
    return below.astype(np.float32), rise.astype(np.float32)


def share_below(x: np.ndarray) -> np.ndarray:
    """Return what share of a normal distribution lies below each number.

    A number times this share is its GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415). It is
    looked up in a table. Between two entries a straight line is drawn: that is wrong by 3e-8 at
    most, which is less than a float32 can tell apart.
    """
    below, rise = normal_table()
    place = x * FINE
    entry = np.floor(place)
    index = entry.astype(np.intp) + WIDE * FINE
    return below.take(index, mode="clip") + (place - entry) * rise.take(index, mode="clip")


def without_mean(rows: np.ndarray) -> np.ndarray:
    """Subtract from each row its mean."""
    return rows - rows.mean(axis=-1, keepdims=True)


def draw(logits: np.ndarray, temperature: float, samplers: list[Sampler], random: Random) -> int:
    """Return one id: the best at temperature 0, otherwise a drawn one."""
    if temperature == 0:
        return int(logits.argmax())
    odds = np.exp((logits - logits.max()).astype(np.float64) / temperature)
    odds /= odds.sum()
    allowed = [sampler(odds) for sampler in samplers]
    for keep in allowed:
        odds[~keep] = 0
    sums = odds.cumsum()
    return int(sums.searchsorted(random.random() * sums[-1], side="right"))
