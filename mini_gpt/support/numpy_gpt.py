"""Run a trained model with numpy alone: the formulas of loops 2, 4 and 10, without PyTorch.

The file comes from `mini_gpt/support/export_npz.py`: the weights by their names, and a text in JSON
with config and vocab. Shapes: t new tokens, T tokens in all, C numbers per token, H heads.
"""

import json
import math
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

erf = np.vectorize(math.erf, otypes=[np.float32])


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
                self.weights = {name: file[name] for name in file.files}
            about = json.loads(str(self.weights.pop("about")))
            self.config, self.vocab = about["config"], about["vocab"]
        except (KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path} must be a model exported to .npz") from error
        self.forget()

    def forget(self) -> None:
        """Empty the cache: nothing has been read yet."""
        H, C, room = (self.config[name] for name in ("n_head", "n_embd", "block_size"))
        self.length = 0
        self.kept = np.zeros((self.config["n_layer"], 2, H, room, C // H), dtype=np.float32)

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        """Apply a layer: (t, inputs) to (t, outputs)."""
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, name: str, x: np.ndarray) -> np.ndarray:
        """Bring each row to mean 0 and spread 1, then scale and shift it as was learned."""
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def attend(self, number: int, x: np.ndarray) -> np.ndarray:
        """Let new tokens look back, in the block of this number: (t, C) to (t, C)."""
        name, kept = f"blocks.{number}.attention", self.kept[number]
        (t, C), start, H = x.shape, self.length, self.config["n_head"]
        qkv = self.linear(f"{name}.qkv", x).reshape(t, 3, H, C // H).transpose(1, 2, 0, 3)
        kept[:, :, start : start + t] = qkv[1:]
        k, v = kept[:, :, : start + t]  # (H, T, D) each
        scores = qkv[0] @ k.transpose(0, 2, 1) / math.sqrt(C // H)  # (H, t, T)
        future = np.arange(start + t) > np.arange(start, start + t)[:, None]
        weights = softmax(np.where(future, -np.inf, scores))
        return self.linear(f"{name}.output", (weights @ v).transpose(1, 0, 2).reshape(t, C))

    def forward(self, ids: list[int]) -> np.ndarray:
        """Read new tokens, and return the logits after each of them, (t, V).

        Raises:
            ValueError: the text gets longer than block_size.
        """
        end, room = self.length + len(ids), self.config["block_size"]
        if end > room:
            raise ValueError(f"all tokens must fit into block_size {room}, got {end}")
        x = self.weights["token_embedding.weight"][ids]
        x = x + self.weights["position_embedding.weight"][self.length : end]
        for number in range(self.config["n_layer"]):
            block = f"blocks.{number}"
            x = x + self.attend(number, self.norm(f"{block}.norm_1", x))
            wide = self.linear(f"{block}.mlp.0", self.norm(f"{block}.norm_2", x))
            wide = wide * (1 + erf(wide / math.sqrt(2))) / 2  # GELU
            x = x + self.linear(f"{block}.mlp.2", wide)
        self.length = end
        return self.linear("head", self.norm("norm", x))

    def generate(
        self, ids: list[int], n: int, temperature: float = 0.8, seed: int | None = None
    ) -> list[int]:
        """Continue a text by n tokens. Temperature 0 takes the best, otherwise one is drawn.

        Raises:
            ValueError: there is no token to continue, or the temperature is below 0.
        """
        if not ids:
            raise ValueError("ids must hold at least 1 token to continue, got 0")
        if not temperature >= 0:
            raise ValueError(f"temperature must be 0 or above, got {temperature}")
        ids, random, room = list(ids), np.random.default_rng(seed), self.config["block_size"]
        self.forget()
        for _ in range(n):
            if self.length == room:
                self.forget()  # every token moves to another place
            unseen = ids[-1:] if self.length else ids[-room:]
            logits = self.forward(unseen)[-1]
            if temperature == 0:
                ids.append(int(logits.argmax()))
            else:
                shares = softmax(logits.astype(np.float64) / temperature)
                ids.append(int(random.choice(len(shares), p=shares)))
        return ids


def softmax(scores: np.ndarray) -> np.ndarray:
    """Turn scores into shares along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
