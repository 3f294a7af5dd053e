"""Where trained models are kept, whatever folder a command is started from."""

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL_FILE = ROOT / "model.pt"
BOOK_FOLDER = ROOT / "runs" / "book"


def model_to_use() -> Path:
    """Return the file of the model that talks where none is named: of a book, or of the story."""
    of_a_book = BOOK_FOLDER / "checkpoint.pt"
    return of_a_book if of_a_book.exists() else MODEL_FILE


def keep_other_model(path: Path, vocab: list[str], load: Callable) -> Path | None:
    """Move a model out of the way that a new one with another vocabulary would overwrite.

    Args:
        path: where the new model will be saved.
        vocab: the new model's vocabulary.
        load: the function load_checkpoint. A file that it cannot read is kept as well.

    Returns:
        The new name of the old file, such as model-1.pt. None if nothing had to be moved.
    """
    if not path.exists():
        return None
    try:
        if load(path)[1].vocab == vocab:
            return None
    except Exception:
        pass  # whatever it is, it is not ours to destroy
    number = 1
    while (kept := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return path.rename(kept)
