"""Make the picture of challenge 05: `python tools/book_picture.py`.

The losses that it draws are kept in docs/book_losses.csv. To measure them again, which takes a
minute, give it the text, tiny Shakespeare: `python tools/book_picture.py --measure FILE`.
"""

import csv
import math
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from scaffolds.reference.corpus import (  # noqa: E402
    open_ids,
    read_pieces,
    split,
    train_on_book,
    write_ids,
)
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.pictures import BLUE, GRAY, GREEN, ORANGE, new_figure, write  # noqa: E402

LOSSES = ROOT / "docs" / "book_losses.csv"
PICTURE = ROOT / "docs" / "images" / "05_larger_data.png"
PART, STEPS, EVERY = 10_000, 400, 50


def yardsticks(train_ids: list[int], val_ids: list[int], vocab_size: int) -> dict[str, float]:
    """Return what simple guesses cost on unseen text. What never came is given half a count."""
    half, letters = 0.5, Counter(train_ids)
    pairs, before = Counter(zip(train_ids, train_ids[1:])), Counter(train_ids[:-1])
    alone = [(letters[b] + half) / (len(train_ids) + half * vocab_size) for b in val_ids[1:]]
    after = [
        (pairs[a, b] + half) / (before[a] + half * vocab_size) for a, b in zip(val_ids, val_ids[1:])
    ]
    return {
        "even guess": math.log(vocab_size),
        "letter frequencies": -sum(map(math.log, alone)) / len(alone),
        "letter pairs": -sum(map(math.log, after)) / len(after),
    }


def measure(book: Path) -> list[tuple[str, int, float]]:
    """Train on a small part of a book, and return what was measured: (name, step, loss)."""
    torch.set_num_threads(1)
    letters = dict.fromkeys(letter for piece in read_pieces(book) for letter in piece)
    tokenizer = CharTokenizer("".join(letters))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ids.bin"
        write_ids(file, (tokenizer.encode(piece) for piece in read_pieces(book)))
        train_ids, val_ids = (part[:PART].tolist() for part in split(open_ids(file)))
    torch.manual_seed(0)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    history = train_on_book(model, train_ids, val_ids, steps=STEPS, eval_every=EVERY)
    rows = [("training text", step, loss) for step, loss, _ in history]
    rows += [("unseen text", step, loss) for step, _, loss in history]
    known = yardsticks(train_ids, val_ids, tokenizer.vocab_size)
    return rows + [(name, 0, loss) for name, loss in known.items()]


def read_losses() -> dict[str, dict[int, float]]:
    """Return what was measured: from a name to the loss at each step."""
    measured: dict[str, dict[int, float]] = {}
    with LOSSES.open(encoding="utf-8", newline="") as file:
        for name, step, loss in csv.reader(file):
            measured.setdefault(name, {})[int(step)] = float(loss)
    return measured


def draw(measured: dict[str, dict[int, float]]) -> Figure:
    """Draw both losses, and the yardsticks."""
    unseen = measured["unseen text"]
    best = min(unseen, key=unseen.get)
    figure = new_figure(f"After step {best}, the model learns only by heart")
    axes = figure.add_axes((0.09, 0.12, 0.87, 0.77), xlim=(40, 410), ylim=(1.4, 4.5))
    for name, color in {"training text": BLUE, "unseen text": ORANGE}.items():
        axes.plot(*zip(*measured[name].items()), color=color, lw=2.6, marker="o", ms=5)
    write(axes, 300, measured["training text"][300] - 0.22, "text to learn from", BLUE)
    write(axes, 340, unseen[350] + 0.24, "unseen text", ORANGE)
    axes.plot([best], [unseen[best]], marker="o", ms=13, mfc="none", mec=GREEN, mew=2.4)
    write(axes, best, unseen[best] + 0.24, f"these weights come back: {unseen[best]:.2f}", GREEN)
    for name in ("even guess", "letter frequencies", "letter pairs"):
        height = measured[name][0]
        axes.axhline(height, color=GRAY, lw=1.4, ls="--", zorder=0)
        write(axes, 408, height - 0.09, f"{name}: {height:.2f}", GRAY, ha="right", fontsize=13)
    axes.set(xlabel="step", ylabel="loss in nats")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def make(picture: Path) -> None:
    """Draw the picture from the measured losses. No version in it: equal pictures, equal files."""
    with matplotlib.rc_context({"font.size": 14}):
        draw(read_losses()).savefig(picture, metadata={"Software": None})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        rows = [(name, step, f"{loss:.4f}") for name, step, loss in measure(Path(sys.argv[2]))]
        with LOSSES.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    make(PICTURE)
    print(PICTURE.relative_to(ROOT).as_posix())
