"""A training in a file: enough to go on exactly where it was, and to talk with the model.

It holds tensors and plain values only, so it cannot carry code.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.tokenizers import (
    refuse_other_size,
    refuse_other_tokens,
    tokenizer_of,
)

KIND = "mini_gpt book"
VERSION = 3


def save(path: Path, state: dict) -> None:
    """Write a training into a file. The old file stays whole until the new one is.

    Args:
        path: where to.
        state: tensors and plain values.
    """
    temporary = Path(f"{path}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save({"kind": KIND, "version": VERSION} | state, file)
            file.flush()
            os.fsync(file.fileno())  # after a power cut, too
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path) -> dict:
    """Read what a file of torch.save holds.

    Raises:
        Refusal: there is no such file, or it is damaged.
    """
    if not path.exists():
        raise Refusal(f"There is no file {path}: run python -m mini_gpt train to make one.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        hint = "Take another with --model, or train anew."
        raise Refusal(f"{path} is damaged, or no checkpoint. {hint}") from error
    return state if isinstance(state, dict) else {}


def load_training(path: Path) -> dict:
    """Read a training that can go on.

    Raises:
        Refusal: it is none.
    """
    state = load(path)
    if state.get("kind") != KIND or state.get("version") != VERSION:
        raise Refusal(f"{path} holds no training of this version: train anew.")
    return state


def load_model(path: Path) -> tuple:
    """Load a model and its tokenizer: the best of a training, or what loop 3 saved.

    Raises:
        Refusal: the file does not fit.
    """
    state = load(path)
    with refuse_misfit(path):
        if state.get("kind") == KIND:
            tokenizer = tokenizer_of(state)
            model = build(state["config"], state["best"]["weights"])
        else:
            from mini_gpt.trainer import load_checkpoint

            model, tokenizer = load_checkpoint(path)
            refuse_other_tokens(tokenizer, state.get("vocab", tokenizer.vocab))
        refuse_other_size(tokenizer, model.config["vocab_size"])
        return model, tokenizer


@contextmanager
def refuse_misfit(path: Path) -> Iterator[None]:
    """Refuse a file whose model cannot be made with the modules that are there now."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise  # the file is right, and the device too small
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        wrong = f"{path} does not fit the modules here ({type(error).__name__}: {error})"
        raise Refusal(f"{wrong}: train anew.".replace("\n", " ")) from error


def build(config: dict, weights: dict) -> torch.nn.Module:
    """Make a model of these sizes with these weights, ready to be used."""
    model = new_model(config)
    model.load_state_dict(weights)
    return model.eval()


def new_model(config: dict) -> torch.nn.Module:
    """Make a fresh model: the learner's own, or the modern one, whose config says what it lacks."""
    if "without" in config:
        from mini_gpt.support.modern_gpt import ModernGPT

        return ModernGPT(**config)
    from mini_gpt.transformer import MiniGPT

    return MiniGPT(**config)
