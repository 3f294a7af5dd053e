"""Measure the BPE tokenizer on a text, and print the table of docs/benchmarks.md.

python tools/benchmark_bpe.py TEXT                  ours, and Hugging Face's where it is installed
python tools/benchmark_bpe.py TEXT --simple 765     the simple way too, for so many merges
python tools/benchmark_bpe.py TEXT --peer FOLDER    and Karpathy's minbpe, from a copy in FOLDER
python tools/benchmark_bpe.py TEXT --first 100000   with so many characters of the text only
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

from scaffolds.reference.bpe import PIECES, BPETokenizer, byte_ids, merge  # noqa: E402

SIZE = 1024
SPECIAL_TOKENS = ["<pad>", "<unk>", "<eos>"]
LETTERS = [chr(256 + byte) for byte in range(256)]
"""One letter for each byte, in the order of the bytes. So equal counts are decided as we do."""


def learn_simply(text: str, n_merges: int) -> list[tuple[int, int]]:
    """Learn merges the simple way: count all pairs of the whole text anew for each merge."""
    words = [byte_ids(word) for word in PIECES.findall(text)]
    merges = []
    for new_id in range(259, 259 + n_merges):
        counts = Counter()
        for ids in words:
            counts.update(pairwise(ids))
        merges.append(min(counts, key=lambda pair: (-counts[pair], pair)))
        words = [merge(ids, merges[-1], new_id) for ids in words]
    return merges


def lettered(word: str) -> str:
    """Write a word with one letter for each byte."""
    return "".join(LETTERS[byte] for byte in word.encode("utf-8"))


def hugging_face(texts: Iterable[str], vocab_size: int, letters: list[str], cut: object = None):
    """Train a tokenizer of Hugging Face's on texts. What cut is None for is cut already."""
    from tokenizers import Tokenizer, models, trainers

    tokenizer = Tokenizer(models.BPE())
    if cut is not None:
        tokenizer.pre_tokenizer = cut
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=0,
        show_progress=False,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=letters,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def merges_of(tokenizer) -> list[tuple[int, int]]:
    """Return the merges of a Hugging Face tokenizer as pairs of ids."""
    import json

    model = json.loads(tokenizer.to_str())["model"]
    return [tuple(model["vocab"][half] for half in pair) for pair in model["merges"]]


def timed(action: Callable[[], object], times: int = 3) -> tuple[float, object]:
    """Return the least processor time of a few runs in seconds, and the result."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        result = action()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def row(name: str, train: str, encode: str) -> None:
    """Print one row of the table."""
    print(f"| {name} | {train} | {encode} |")


def measure_theirs(text: str, ours: BPETokenizer) -> None:
    """Print the row of Hugging Face's tokenizer, and whether both are equal."""
    import tokenizers

    cut = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    train, native = timed(lambda: hugging_face([text], SIZE, cut.alphabet(), cut))
    encode, _ = timed(lambda: native.encode(text).ids)
    row(f"Hugging Face `tokenizers` {tokenizers.__version__}", f"{train:.2f} s", f"{encode:.2f} s")
    twin = hugging_face(map(lettered, PIECES.findall(text)), SIZE, LETTERS)
    print(f"\nthe same merges: {merges_of(twin) == ours.merges}")


def measure_peer(text: str, folder: Path) -> None:
    """Print the row of minbpe's RegexTokenizer, which counts the whole text anew, too."""
    sys.path.insert(0, str(folder))
    from minbpe.regex import RegexTokenizer

    peer = RegexTokenizer(PIECES.pattern)
    train, _ = timed(lambda: peer.train(text, SIZE - len(SPECIAL_TOKENS)), times=1)
    row("minbpe's `RegexTokenizer`, once", f"{train:.1f} s", "")


def read_command_line() -> argparse.Namespace:
    """Read which text to take, and what to measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--simple", type=int, default=0, metavar="MERGES")
    parser.add_argument("--peer", type=Path, metavar="FOLDER", help="a folder with minbpe/")
    parser.add_argument("--first", type=int, metavar="CHARACTERS")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = read_command_line()
    text = options.text.read_text(encoding="utf-8")[: options.first]
    print(f"{len(text):,} characters, {SIZE:,} ids, processor time, best of 3\n")
    row("", "train", "encode")
    row("---", "---:", "---:")
    train, ours = timed(lambda: BPETokenizer.train(text, SIZE))
    encode, ids = timed(lambda: BPETokenizer(ours.merges).encode(text))
    row("`scaffolds/reference/bpe.py`", f"{train:.2f} s", f"{encode:.2f} s")
    if options.simple:
        slow, merges = timed(lambda: learn_simply(text, options.simple), times=1)
        assert merges == ours.merges[: options.simple]
        row(f"the simple way, {options.simple} merges, once", f"{slow:.1f} s", "")
    if options.peer:
        measure_peer(text, options.peer)
    try:
        measure_theirs(text, ours)
    except ImportError:
        print("\nHugging Face's tokenizers is not installed: pip install tokenizers")
    print(f"tokens: {len(ids):,}; comes back whole: {ours.decode(ids) == text}")


if __name__ == "__main__":
    main()
