"""Books to read, files of ids, and what happens to them."""

import contextlib
import math
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from tutor.facts.lab import Lab
from tutor.facts.stand_ins import seeded
from tutor.facts.words import Wrong, describe, expect_equal, expect_type

WORDS = "red hen curled up hello world once upon our pond".split()
OLD = b"\x07\x00"


def write(lab: Lab, data: bytes, name: str = "book.txt") -> Path:
    """Write bytes into a file of the lab, and return its path."""
    path = lab.folder / name
    path.write_bytes(data)
    return path


def read(lab: Lab, data: bytes, size: int) -> str:
    """Read bytes in pieces, see that each is a text that is not too long, and join them."""
    called = lab.calls(f"read_pieces(path, {size}) of a file with the bytes {describe(data)}")
    pieces = lab.module.read_pieces(write(lab, data), size)
    if pieces is None:
        raise Wrong(called, "pieces, one after the other", "None")
    pieces = list(pieces)
    lab.calls(f"{called}, joined")
    for piece in pieces:
        expect_type(f"{called}: a piece", piece, str)
        if len(piece) > size:
            raise Wrong(called, f"pieces of at most {size} characters", f"one of {len(piece)}")
    return "".join(pieces)


def a_book() -> str:
    """Make a book of small words in random order. Its lines end as those of Windows do."""
    order = torch.randint(len(WORDS), (700,), generator=seeded(5)).tolist()
    ends = [".\r\n" if place % 7 == 6 else " " for place in range(700)]
    return "".join(WORDS[n] + end for n, end in zip(order, ends))


def peak(action: Callable[[], object]) -> int:
    """Return how many bytes of memory an action needs at most, more than there were."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def kinds(lab: Lab, ids: list[int]) -> dict:
    """Return the same ids as a list, a tensor, an array and a memory map."""
    path = write(lab, np.array(ids, "<u2").tobytes(), f"{len(ids)}.bin")
    return {
        "a list": list(ids),
        "a tensor": torch.tensor(ids),
        "an array": np.array(ids),
        "a memory map": np.memmap(path, "<u2", "r"),
    }


def memory_to_begin(lab: Lab, path: Path) -> int:
    """Return how much memory the first two pieces of a book need, in bytes."""

    def begin() -> None:
        pieces = iter(lab.module.read_pieces(path, 1000))
        next(pieces)
        next(pieces)
        getattr(pieces, "close", lambda: None)()

    begin()  # what Python loads at the first time does not count
    return peak(begin)


def memory_to_write(lab: Lab, pieces: int) -> int:
    """Return how much memory it needs to write so many pieces of 2,000 ids, in bytes."""

    def begin(pieces: int) -> None:
        lab.module.write_ids(lab.folder / "large.bin", ([300] * 2000 for _ in range(pieces)))

    begin(1)  # what Python loads at the first time does not count
    return peak(lambda: begin(pieces))


def two_passes(lab: Lab) -> tuple:
    """Make a tokenizer and a file of ids from a book. Return the tokenizer and the opened ids."""
    book, out = a_book(), lab.folder / "book.bin"
    path = write(lab, book.encode())
    called = lab.calls("a tokenizer and a file of ids, in two passes over a book")
    letters = dict.fromkeys(c for piece in lab.module.read_pieces(path, 100) for c in piece)
    tokenizer = lab.other("tokenizer").CharTokenizer("".join(letters))
    pieces = (tokenizer.encode(piece) for piece in lab.module.read_pieces(path, 100))
    lab.module.write_ids(out, pieces)
    ids, text = lab.module.open_ids(out), book.replace("\r\n", "\n")
    expect_equal(f"{called}, read again", tokenizer.decode(ids.tolist()), text)
    return tokenizer, ids


def expect_file(called: str, got: bytes, pieces: list[list[int]]) -> None:
    """Expect that a file holds the ids of these pieces, in two bytes each."""
    ids = sum(pieces, [])
    right = b"".join(id.to_bytes(2, "little") for id in ids)
    if got != right:
        likely = [cause for cause, wrong in wrong_files(pieces).items() if wrong == got]
        expected, seen = (
            f"{len(data)} bytes that begin with {describe(data[:6])}" for data in (right, got)
        )
        raise Wrong(called, expected, seen, *likely)


def wrong_files(pieces: list[list[int]]) -> dict[str, bytes]:
    """Return what a file holds if its ids are written wrongly, by the likely cause."""
    ids = sum(pieces, [])
    right = np.array(ids, "<u2").tobytes()
    return {
        "the larger part comes first": np.array(ids, ">u2").tobytes(),
        "8 bytes are written for each id": np.array(ids, "<i8").tobytes(),
        "4 bytes are written for each id": np.array(ids, "<i4").tobytes(),
        "only the last piece is in the file": np.array(pieces[-1], "<u2").tobytes(),
        "the new ids stand behind those of an old file": right + right,
    }


@contextlib.contextmanager
def old_file(lab: Lab) -> Iterator[Path]:
    """Give the path of an old file in a folder of its own. It must stay as it is, and alone."""
    folder = lab.folder / "old"
    folder.mkdir(exist_ok=True)
    path = folder / "ids.bin"
    path.write_bytes(OLD)
    yield path
    found = {file.name: file.read_bytes() for file in folder.iterdir()}
    left = sorted(set(found) - {path.name})
    if found.get(path.name) != OLD:
        raise Wrong(lab.called, "the old file as it was", "it is changed or gone")
    if left:
        raise Wrong(lab.called, "no other file", f"{left[0]} is left behind")


def expect_missing(lab: Lab) -> None:
    """Expect that a book which is not there is not found."""
    called = lab.calls("reading all pieces of a file that is not there")
    try:
        got = "".join(lab.module.read_pieces(lab.folder / "missing.txt"))
    except FileNotFoundError:
        return
    raise Wrong(called, "a FileNotFoundError", f"no error, but {describe(got)}")


def expect_map(called: str, got: object, ids: list[int]) -> None:
    """Expect a memory map of these ids that cannot be changed."""
    expect_type(called, got, np.memmap)
    if got.dtype != np.uint16 or got.ndim != 1:
        seen = f"numbers of type {got.dtype}, shape {got.shape}"
        raise Wrong(called, f"numbers of type uint16, shape ({len(ids)},)", seen)
    causes = {"the two bytes of each id are swapped": np.array(ids, ">u2").view("<u2").tolist()}
    expect_equal(f"{called}: the ids", got.tolist(), ids, causes)
    if got.flags.writeable:
        raise Wrong(called, "ids that cannot be changed", "ids that can", 'mode "r" only reads')


def wrong_texts(text: str, size: int) -> dict[str, str]:
    """Return what comes of a text if it is read wrongly, by the likely cause."""
    causes = {
        "the spaces at the ends are cut off": "".join(letter.strip() for letter in text),
        "the line ends are lost": text.replace("\n", ""),
        "the last character is lost": text[:-1],
        "only the first piece came": text[:size],
        "the last piece is lost": text[: len(text) // size * size],
    }
    return {cause: wrong for cause, wrong in causes.items() if wrong != text}


def expect_line_ends(called: str, text: str, size: int, joined: str) -> None:
    """Expect "\\n" for each "\\r\\n". A lone "\\r" may stay, or become "\\n"."""
    right = text.replace("\r\n", "\n")
    if joined.replace("\r", "\n") != right.replace("\r", "\n"):
        pieces = [text[place : place + size] for place in range(0, len(text), size)]
        causes = {
            'nothing is done about "\\r\\n"': text,
            '"\\r" and "\\n" are in two pieces, and each is looked at alone': "".join(
                piece.replace("\r\n", "\n") for piece in pieces
            ),
        }
        likely = [cause for cause, wrong in causes.items() if wrong == joined]
        raise Wrong(called, right, joined, *likely[:1])


def halves(ids: list[int], border: int) -> list[list[int]]:
    """Cut ids in two."""
    return [ids[:border], ids[border:]]


def wrong_halves(n: int, share: float) -> dict[str, list[list[int]]]:
    """Return wrong parts of the ids 0 to n - 1, by the likely cause."""
    ids, right = list(range(n)), int(n * share)
    return {
        "the two parts are the wrong way round": halves(ids, right)[::-1],
        "the share is rounded, not cut off": halves(ids, round(n * share)),
        "the share is rounded up": halves(ids, math.ceil(n * share)),
        "an id is lost between the two": [ids[:right], ids[right + 1 :]],
        "the rest is in the first part": halves(ids, n - right),
    }
