"""Write a trained model so that numpy alone can read it.

python mini_gpt/support/speaking/export_npz.py does so with model.pt.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402

from mini_gpt.paths import MODEL_FILE  # noqa: E402
from mini_gpt.support.refusal import Refusal  # noqa: E402
from mini_gpt.support.speaking.numpy_gpt import NumpyGPT  # noqa: E402
from mini_gpt.support.tokenizers import describe_tokenizer  # noqa: E402


def model_for_numpy(path: Path, quiet: bool = False) -> NumpyGPT:
    """Open the exported form of a checkpoint, which stands beside it. Export it anew if need be.

    PyTorch is imported only to export: the first time, and when the checkpoint is another one now.

    Args:
        path: a checkpoint, or an .npz file, which is taken as it is.
        quiet: do not say that it takes a moment.

    Raises:
        Refusal: there is no such file, it is no model, or it calculates in another way than loop 2.
    """
    beside = path.with_suffix(".npz")
    try:
        if beside.exists():
            model = NumpyGPT(beside)
            if path == beside or not path.exists() or model.about.get("source") == digest(path):
                return model
        if path.exists() and not quiet:
            print(f"Writing {beside.name} for --numpy. Once, it needs PyTorch.", file=sys.stderr)
        export_checkpoint(path, beside)
        return NumpyGPT(beside)
    except ImportError as error:
        raise Refusal(f"{beside} must be written first, and that needs {error.name}.") from error
    except ValueError as error:
        raise Refusal(f"--numpy cannot be used: {error}. Leave it out.") from error


def export_checkpoint(path: Path, beside: Path) -> None:
    """Write a checkpoint to an .npz file, with a note which checkpoint it was."""
    from mini_gpt.support.checkpoint import load_model

    export(beside, *load_model(path), digest(path))


def digest(path: Path) -> str:
    """Return a number that tells one file from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def export(path: str | Path, model, tokenizer, source: str | None = None) -> None:
    """Write a model and its tokenizer to an .npz file, and see that numpy gets the same from it.

    Args:
        path: ends in .npz. An older file is replaced, once the new one is whole and right.
        model: a MiniGPT whose parts have loop 2's names.
        tokenizer: the tokenizer that it was trained with.
        source: the digest of the checkpoint that it comes from.

    Raises:
        ValueError: the model has other parts than loop 2's, or calculates in another way.
    """
    weights = {name: tensor.cpu().numpy() for name, tensor in model.state_dict().items()}
    about = {"config": model.config, "source": source} | describe_tokenizer(tokenizer)
    temporary = Path(f"{path}.tmp")
    try:
        with temporary.open("wb") as file:
            np.savez(file, about=json.dumps(about), **weights)
        refuse_another_way(temporary, model)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_another_way(path: Path, model) -> None:
    """Refuse a model from which numpy does not get what PyTorch gets.

    Raises:
        ValueError: it is one.
    """
    import torch

    room = model.config["block_size"]
    ids = np.random.default_rng(0).integers(model.config["vocab_size"], size=min(32, room))
    try:
        logits = NumpyGPT(path).forward(ids.tolist())
    except ValueError as error:
        lacks = error.__cause__ if isinstance(error.__cause__, KeyError) else error
        raise ValueError(f"the model must have loop 2's parts, but lacks {lacks}") from error
    with torch.no_grad():
        right = model(torch.asarray(ids)[None])[0].cpu().numpy()
    if not np.allclose(logits, right, atol=1e-3):
        raise ValueError("the model must calculate as loop 2's skeleton does, but it does not")


def main() -> int:
    """Export model.pt to model.npz, beside it."""
    beside = MODEL_FILE.with_suffix(".npz")
    try:
        export_checkpoint(MODEL_FILE, beside)
    except (ValueError, Refusal) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    print(f"{MODEL_FILE.name} is now in {beside.name} as well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
