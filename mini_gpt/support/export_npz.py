"""Write a trained model so that numpy alone can read it: python mini_gpt/support/export_npz.py."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mini_gpt.paths import MODEL_FILE  # noqa: E402
from mini_gpt.support.numpy_gpt import NumpyGPT  # noqa: E402


def export(path: str | Path, model: torch.nn.Module, tokenizer) -> None:
    """Write a model and its vocabulary to an .npz file, and see that numpy gets the same from it.

    Args:
        path: ends in .npz. An older file is replaced.
        model: a MiniGPT whose parts have loop 2's names.
        tokenizer: the tokenizer that it was trained with.

    Raises:
        ValueError: the model has other parts than loop 2's, or calculates in another way.
    """
    weights = {name: tensor.cpu().numpy() for name, tensor in model.state_dict().items()}
    about = {"config": model.config, "vocab": list(tokenizer.vocab)}
    np.savez(path, about=json.dumps(about), **weights)
    ids = np.random.default_rng(0).integers(model.config["vocab_size"], size=8).tolist()
    try:
        logits = NumpyGPT(path).forward(ids)
    except (KeyError, ValueError) as error:
        Path(path).unlink()
        raise ValueError(f"the model must have loop 2's parts, but: {error}") from error
    with torch.no_grad():
        right = model(torch.tensor([ids]))[0].cpu().numpy()
    if not np.allclose(logits, right, atol=1e-3):
        Path(path).unlink()
        raise ValueError("the model must calculate as loop 2's skeleton does, but it does not")


def main() -> int:
    """Export model.pt to model.npz, beside it."""
    from mini_gpt.trainer import load_checkpoint

    try:
        export(MODEL_FILE.with_suffix(".npz"), *load_checkpoint(MODEL_FILE))
    except (ValueError, FileNotFoundError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    print(f"{MODEL_FILE.name} is now in {MODEL_FILE.with_suffix('.npz').name} as well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
