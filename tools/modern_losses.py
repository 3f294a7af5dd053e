"""Measure what each ingredient of the modern model is good for: docs/modern_losses.csv.

python tools/modern_losses.py BOOK            train all kinds, three seeds each: about 45 minutes
python tools/modern_losses.py BOOK --kinds "all of them" --steps 3300 --seeds 1     one kind, longer
python tools/modern_losses.py                 print the table of what is there

BOOK is tiny Shakespeare. The loss is that of the whole unseen part, in nats a character. Every
training begins with its learning rates high and ends with them low, so a short one is no part of a
long one. Each training adds a row to the file: empty it before all is measured again.
"""

import argparse
import csv
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import torch  # noqa: E402

from mini_gpt.support.modern_gpt import INGREDIENTS, ModernGPT  # noqa: E402
from mini_gpt.support.training.command import SHORT, WINDOWS  # noqa: E402
from mini_gpt.support.training.training import Options, Training  # noqa: E402
from scaffolds.reference.corpus import evaluate, split  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.loss_bands import prepared  # noqa: E402

FILE = ROOT / "docs" / "modern_losses.csv"
OLD, WIDE = "loop 2's model", "loop 2's model, 96 wide"
NONE, ALL = "none of them", "all of them"
LONG = "all, and long windows from the start"
KINDS = {NONE: INGREDIENTS, ALL: (), LONG: ()}
KINDS |= {f"all but {name}": (name,) for name in INGREDIENTS}
"""What the modern model goes without. The others are the model of loop 2."""
OLDS = {OLD: 64, WIDE: 96}
"""How many numbers that has per token."""


def grows(kind: str) -> bool:
    """Tell whether windows are short at first: where places come from a table, they must not."""
    return kind in KINDS and kind != LONG and "rotary" not in KINDS[kind]


def trained(kind: str, steps: int, seed: int, book: str) -> tuple[float, float]:
    """Train a model of a kind. Returns its loss on the whole unseen part, and CPU seconds."""
    tokenizer, ids = prepared(book)
    train_ids, val_ids = split(ids)
    torch.manual_seed(seed)
    batch_size, length = (sizes[kind in KINDS] for sizes in WINDOWS.values())
    if kind in OLDS:
        model = MiniGPT(tokenizer.vocab_size, OLDS[kind], block_size=length)
    else:
        model = ModernGPT(tokenizer.vocab_size, block_size=length, without=KINDS[kind])
    short = SHORT if grows(kind) else 0
    options = Options(steps=steps, batch_size=batch_size, seed=seed, short=short)
    training = Training(model, tokenizer, options)
    begin = time.process_time()
    for _ in range(steps):
        training.learn(train_ids)
    seconds = time.process_time() - begin
    return evaluate(model, val_ids, length, batch_size), seconds


def measure(options: argparse.Namespace) -> None:
    """Train what is asked for, and add each result to the file."""
    book = options.book.read_text(encoding="utf-8")
    for seed in range(options.seeds):
        for kind in options.kinds:
            loss, seconds = trained(kind, options.steps, seed, book)
            with FILE.open("a", encoding="utf-8", newline="") as file:
                row = (kind, options.steps, seed, f"{loss:.4f}", f"{seconds:.0f}")
                csv.writer(file).writerow(row)
            print(*row, flush=True)


def losses() -> dict[tuple[str, int], list[float]]:
    """Read the losses of each kind and number of steps."""
    found = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for kind, steps, _, loss, _ in csv.reader(file):
            found.setdefault((kind, int(steps)), []).append(float(loss))
    return found


def table() -> str:
    """Return the table of the page: what 1,000 steps come to, and what is lost without a part."""
    found = {kind: values for (kind, steps), values in losses().items() if steps == 1000}
    best = statistics.mean(found[ALL])
    lines = ["| the model has | loss | lowest to highest | more than with all |"]
    lines.append("|---|---:|---:|---:|")
    for kind, values in sorted(found.items(), key=lambda item: -statistics.mean(item[1])):
        mean = statistics.mean(values)
        spread = f"{min(values):.3f} to {max(values):.3f}"
        more = f"{mean - best:+.3f}" if kind != ALL else ""
        lines.append(f"| {kind} | {mean:.3f} | {spread} | {more} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, if there is a book, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path, nargs="?")
    parser.add_argument("--kinds", nargs="+", choices=[*OLDS, *KINDS], default=[OLD, *KINDS])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.book:
        measure(options)
    print(table())


if __name__ == "__main__":
    main()
