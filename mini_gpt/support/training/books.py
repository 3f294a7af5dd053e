"""Which texts to train on: files, all texts of a folder, tiny Shakespeare, or this tutorial."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mini_gpt.paths import ROOT
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.training.download import download

SHAKESPEARE = "shakespeare"
URL = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
ADVICE = "Try again when you are online, or train on a file of yours: python -m mini_gpt train FILE"
TEXTS = (".txt", ".md")
BETWEEN = "\n\n"
"""What stands between two texts, so that they do not run into one another."""


def cache_folder() -> Path:
    """Return the folder where downloads are kept: $MINI_GPT_CACHE, or one in your home."""
    given = os.environ.get("MINI_GPT_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "mini_gpt"


def find_texts(names: Iterable[str]) -> list[Path]:
    """Return the files to train on.

    Args:
        names: files, folders, or "shakespeare". None at all means the pages of this tutorial.

    Raises:
        Refusal: there is no such file, or no text in a folder.
    """
    files = [file for name in names for file in texts_of(name)]
    return files or own_pages()


def texts_of(name: str) -> list[Path]:
    """Return the files that one name stands for. A folder stands for all texts in it."""
    path = Path(name)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in TEXTS)
        if not files:
            raise Refusal(f"{path} has no file that ends with {' or '.join(TEXTS)}: name a file.")
        return files
    if path.exists():
        return [path]
    if name == SHAKESPEARE:
        return [download(URL, cache_folder() / "tinyshakespeare.txt", SHA256, ADVICE)]
    raise Refusal(f'There is no file {path}: look at the name, or say "{SHAKESPEARE}".')


def own_pages() -> list[Path]:
    """Return the pages of this tutorial, which are about 250 KB of English."""
    return [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("recipes/*.md"))]


def pieces_of(files: Iterable[Path]) -> Iterator[str]:
    """Yield the text of all files in pieces, one file after the other.

    Raises:
        Refusal: a file is empty, or no text in UTF-8.
    """
    from mini_gpt.corpus import read_pieces

    for number, file in enumerate(files):
        if number:
            yield BETWEEN
        try:
            yield from read_pieces(file)
        except UnicodeDecodeError:
            raise Refusal(f"{file} must be text in UTF-8: save it as UTF-8.") from None
        except ValueError as error:
            raise Refusal(f"{error}.") from None
