"""Challenge 05, larger data: a book in place of a sentence, and how it does on unseen text."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import math
import tracemalloc

import numpy as np
import torch
from tutor.facts.reader import VOCAB_SIZE as V
from tutor.facts.reader import by_place, losses_of, make_reader
from tutor.facts.stand_ins import Probe, seeded
from tutor.facts.tensors import distance
from tutor.facts.words import Wrong, about, describe, expect_equal, expect_refusal, expect_type

MARK = "\ufeff".encode()
SIZES = (1, 2, 3, 5, 7, 1000)
MILLION = 1_000_000
BOTH = ("tokenizer", "transformer")
TINY = {"n_embd": 16, "n_head": 2, "n_layer": 1, "block_size": 16}


def write(lab, data, name="book.txt"):
    """Write bytes into a file of the lab, and return its path."""
    path = lab.folder / name
    path.write_bytes(data)
    return path


def read(lab, data, size):
    """Read bytes in pieces, see that each is a text that is not too long, and join them."""
    called = lab.calls(f"read_pieces(path, {size}) of a file with the bytes {describe(data)}")
    pieces = lab.module.read_pieces(write(lab, data), size)
    if pieces is None:
        raise Wrong(called, "pieces, one after the other", "None")
    pieces = list(pieces)
    for piece in pieces:
        expect_type(f"{called}: a piece", piece, str)
        if len(piece) > size:
            raise Wrong(called, f"pieces of at most {size} characters", f"one of {len(piece)}")
    return "".join(pieces)


@about("read_pieces", words="read|size|yield|while")
def test_pieces(lab):
    """read_pieces gives a text in pieces that are not too long. Joined, they are the text"""
    for text in ["red hen", "two\nlines\n", "  spaces\tand \n\n empty lines\n ", "x"]:
        for size in SIZES:
            joined = read(lab, text.encode(), size)
            causes = {
                "the spaces at the ends are cut off": "".join(p.strip() for p in text),
                "the line ends are lost": text.replace("\n", ""),
                "the last character is lost": text[:-1],
                "only the first piece came": text[:size] if size < len(text) else None,
                "the last piece is lost": text[: len(text) // size * size],
            }
            expect_equal(f"{lab.called}, joined", joined, text, causes)
    called = lab.calls("read_pieces(str(path)) of a file with 1,000,003 characters")
    path = write(lab, b"a" * (MILLION + 2) + b"z")
    sizes = [len(piece) for piece in lab.module.read_pieces(str(path))]
    if max(sizes) > MILLION or sum(sizes) != MILLION + 3:
        raise Wrong(called, "pieces of at most 1,000,000 characters, 1,000,003 in all", sizes[:9])


@about("read_pieces", words="open|decode|encoding|utf|read")
def test_characters(lab):
    """A character of several bytes stays whole where a piece ends"""
    for text in ["äöüß", "aä語🙂é", "語" * 7 + "🙂" * 7, "a" + "🙂" * 5000, "ab" + "語" * 6000]:
        for size in (1, 2, 3, 5, 7, 1000, 4096, 8192):
            if len(text) < 100 or size >= 1000:
                joined = read(lab, text.encode(), size)
                likely = ""
                if "\ufffd" in joined:
                    likely = "a character is cut where a piece of bytes ends"
                elif len(joined) == len(text.encode()):
                    likely = "the bytes are not decoded as UTF-8"
                if joined != text:
                    raise Wrong(f"{lab.called}, joined", text, joined, likely)


@about("read_pieces", words=r"\\r|\\n|newline|replace|open")
def test_line_ends(lab):
    r"""Lines that end with "\r\n" end with "\n", also where a piece ends between the two"""
    for text in ["a\r\nb\r\n", "ab\r\ncd\r\n\r\ne", "\r\n", "a\rb\r", "\r\r\n\r", "ab\n\r\n\rc"]:
        for size in SIZES:
            joined = read(lab, text.encode(), size)
            right = text.replace("\r\n", "\n")
            # A lone "\r" may stay, or become "\n".
            if joined.replace("\r", "\n") != right.replace("\r", "\n"):
                cut = "".join(
                    text[i : i + size].replace("\r\n", "\n") for i in range(0, len(text), size)
                )
                likely = 'nothing is done about "\\r\\n"' if joined == text else ""
                if joined == cut != text:
                    likely = '"\\r" and "\\n" are in two pieces, and each is looked at alone'
                raise Wrong(f"{lab.called}, joined", right, joined, likely)


@about("read_pieces", words="utf|sig|ufeff|encoding|open")
def test_byte_order_mark(lab):
    """A byte order mark at the beginning is dropped, and nothing else"""
    for text in ["red hen", "r\ufeffed\ufeff"]:
        for size in SIZES:
            causes = {
                "the byte order mark is kept; the encoding utf-8-sig drops it": "\ufeff" + text,
                "the same sign inside the text is dropped too": text.replace("\ufeff", ""),
                "the first letter is lost": text[1:],
            }
            joined = read(lab, MARK + text.encode(), size)
            expect_equal(f"{lab.called}, joined", joined, text, causes)
        expect_equal("the same without the mark", read(lab, text.encode(), 3), text)


@about("read_pieces", words="raise|if|not|except|utf|errors")
def test_no_text(lab):
    """A file that is empty or not UTF-8 is refused. One that is missing stays missing"""
    for data, why in {
        b"": "the file is empty",
        MARK: "there is nothing behind the byte order mark",
        "caf\xe9 au lait".encode("latin-1"): "this is no UTF-8",
        b"the end is cut: \xc3": "the last character is cut in half",
        b"a" * 20_000 + b"\xff": "the last byte is no UTF-8",
    }.items():
        called = lab.calls(f"reading all pieces of a file with the bytes {describe(data)}")
        path = write(lab, data)
        expect_refusal(called, lambda p=path: "".join(lab.module.read_pieces(p, 100)), why)
    called = lab.calls("reading all pieces of a file that is not there")
    try:
        got = "".join(lab.module.read_pieces(lab.folder / "missing.txt"))
    except FileNotFoundError:
        return
    raise Wrong(called, "a FileNotFoundError", f"no error, but {describe(got)}")


def peak(action):
    """Return how many bytes of memory an action needs at most, more than there were."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@about("read_pieces", words="read|splitlines|list|append|yield|return")
def test_book_stays_outside(lab):
    """A book is never in memory as a whole"""
    size = 8 * MILLION
    called = lab.calls("the first two pieces of read_pieces(path, 1000), of a file of 8 MB")

    def start(path):
        pieces = iter(lab.module.read_pieces(path, 1000))
        next(pieces)
        next(pieces)
        getattr(pieces, "close", lambda: None)()

    path = write(lab, b"abcdefg " * (size // 8))
    start(path)  # what Python loads at the first time does not count
    if (needed := peak(lambda: start(path))) > size / 2:
        with_lines = write(lab, b"abcdefg\n" * (size // 8), "lines.txt")
        likely = "the whole file is read before the first piece comes"
        if peak(lambda: start(with_lines)) < size / 2:
            likely = "it reads line by line, and this book is a single line"
        raise Wrong(called, "less than 4 MB of memory", f"{needed / 1e6:.0f} MB", likely)


@about("write_ids", words="uint16|u2|H|tobytes|write|count|len|return")
def test_bytes(lab):
    """write_ids writes two bytes for each id, the smaller part first, and counts the ids"""
    pieces = [[1, 2], [258], [], list(range(1000, 1400))]
    ids = sum(pieces, [])
    right = b"".join(id.to_bytes(2, "little") for id in ids)
    for name in ("ids.bin", "ids"):
        for path in (lab.folder / name, str(lab.folder / name)):
            called = lab.calls("write_ids(path, pieces) with the pieces [1, 2], [258], [], ...")
            count = lab.module.write_ids(path, (piece for piece in pieces))
            written = (lab.folder / name).read_bytes()
            if written != right:
                causes = {
                    "the larger part comes first": np.array(ids, ">u2").tobytes(),
                    "8 bytes are written for each id": np.array(ids, "<i8").tobytes(),
                    "4 bytes are written for each id": np.array(ids, "<i4").tobytes(),
                    "only the last piece is in the file": np.array(pieces[-1], "<u2").tobytes(),
                    "the new ids stand behind those of an old file": right + right,
                    "they are written twice": b"".join(2 * i.to_bytes(2, "little") for i in ids),
                }
                likely = [cause for cause, wrong in causes.items() if wrong == written]
                expected = f"{len(right)} bytes that begin with {describe(right[:6])}"
                got = f"{len(written)} bytes that begin with {describe(written[:6])}"
                raise Wrong(f"{called}: what the file holds", expected, got, *likely)
            causes = {"the bytes are counted": len(right), "the pieces are counted": len(pieces)}
            expect_equal(f"{called}: what it returns", count, len(ids), causes)


def files(lab, name):
    """Return the files of a new folder with one old file, and that file's path."""
    folder = lab.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "old.bin").write_bytes(b"\x07\x00")
    return folder / "old.bin"


def expect_as_before(called, path):
    """Expect that a folder holds the old file only, as it was."""
    found = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    left = sorted(set(found) - {path.name})
    if found.get(path.name) != b"\x07\x00":
        raise Wrong(called, "the old file as it was", "it is changed or gone")
    if left:
        raise Wrong(called, "no other file", f"{left[0]} is left behind")


@about("write_ids", words="raise|if|0|65535|min|max|<|>")
def test_edges(lab):
    """The ids 0 and 65535 can be written. Those below and above are refused"""
    path = lab.folder / "edges.bin"
    lab.calls("write_ids(path, [[0, 65535], [65535, 0]])")
    expect_equal(lab.called, lab.module.write_ids(path, [[0, 65535], [65535, 0]]), 4)
    expect_equal(f"{lab.called}: the file", path.read_bytes(), b"\x00\x00\xff\xff\xff\xff\x00\x00")
    old = files(lab, "edges")
    for id in (-1, 65536, 65537, -40_000, 70_000, 2**40, 2**70):
        called = lab.calls(f"write_ids(path, [[1, 2], [3, {id}, 4]])")
        expect_refusal(
            called,
            lambda id=id: lab.module.write_ids(old, [[1, 2], [3, id, 4]]),
            "two bytes hold 0 to 65535",
        )
        expect_as_before(called, old)


@about("write_ids", words="replace|tmp|open|unlink|except|finally|raise")
def test_half_way(lab):
    """After an error half-way the old file stands as it was, and no other file is there"""
    old = files(lab, "half")

    def failing(kind):
        yield list(range(30_000))
        yield [1, 2, 3]
        raise kind("the book ends here (this is a test)")

    for kind in (OSError, RuntimeError, ValueError):
        called = lab.calls(f"write_ids over an old file, with pieces that end in a {kind.__name__}")
        try:
            got = lab.module.write_ids(old, failing(kind))
        except kind:
            expect_as_before(called, old)
            continue
        raise Wrong(called, f"the {kind.__name__} is passed on", f"no error, but {describe(got)}")
    called = lab.calls("write_ids into a new file, with pieces that end in an OSError")
    new = old.with_name("new.bin")
    try:
        lab.module.write_ids(new, failing(OSError))
    except OSError:
        pass
    expect_as_before(called, old)


@about("write_ids", words="list|extend|sum|append|for|write")
def test_one_piece_at_a_time(lab):
    """write_ids needs memory for one piece, not for the whole book"""
    path, count = lab.folder / "large.bin", 60
    called = lab.calls("write_ids(path, pieces) with 60 pieces of 2,000 ids each, 240 KB in all")

    def pieces(n):
        return ([300] * 2_000 for _ in range(n))

    lab.module.write_ids(path, pieces(1))  # what Python loads at the first time does not count
    alone = peak(lambda: lab.module.write_ids(path, pieces(1)))
    needed = peak(lambda: lab.module.write_ids(path, pieces(count)))
    if needed > alone + 100_000:
        got = f"{needed / 1000:.0f} KB of memory, and {alone / 1000:.0f} KB for a single piece"
        raise Wrong(called, "as much memory as for a single piece", got)
    expect_equal(f"{called}: the bytes in the file", path.stat().st_size, 240_000)


@about("open_ids", words="memmap|uint16|u2|mode|dtype")
def test_open(lab):
    """open_ids maps the file: the ids are there, are not read at once, and cannot be changed"""
    ids = [0, 1, 255, 256, 258, 65535]
    path = write(lab, np.array(ids, "<u2").tobytes(), "ids.bin")
    for given in (path, str(path)):
        called = lab.calls("open_ids(path) of a file with the ids 0, 1, 255, 256, 258, 65535")
        opened = lab.module.open_ids(given)
        expect_type(called, opened, np.memmap)
        if opened.dtype != np.uint16 or opened.ndim != 1:
            got = f"numbers of type {opened.dtype}, shape {opened.shape}"
            raise Wrong(called, "numbers of type uint16, shape (6,)", got)
        causes = {"the two bytes of each id are swapped": np.array(ids, ">u2").view("<u2").tolist()}
        expect_equal(f"{called}: the ids", opened.tolist(), ids, causes)
        if opened.flags.writeable:
            likely = 'mode "r" only reads'
            raise Wrong(called, "ids that cannot be changed", "ids that can", likely)
    del opened
    expect_equal("the file after that", path.read_bytes(), np.array(ids, "<u2").tobytes())


@about("open_ids", words="raise|if|size|%|stat")
def test_open_refusal(lab):
    """open_ids refuses a file that is empty, or ends in the middle of an id"""
    for data, why in {
        b"": "the file is empty",
        b"\x01": "an id has two bytes",
        b"\x01\x00\x02": "an id has two bytes, and the last one has only one",
    }.items():
        path = write(lab, data, f"odd{len(data)}.bin")
        called = lab.calls(f"open_ids(path) of a file of {len(data)} bytes")
        expect_refusal(called, lambda p=path: lab.module.open_ids(p), why)


def kinds(lab, ids):
    """Return the same ids as a list, a tensor, an array and a memory map."""
    path = write(lab, np.array(ids, "<u2").tobytes(), f"kinds{len(ids)}.bin")
    return {
        "a list": list(ids),
        "a tensor": torch.tensor(ids),
        "an array": np.array(ids),
        "a memory map": np.memmap(path, "<u2", "r"),
    }


@about("split", words="int|len|round|share|:")
def test_split(lab):
    """split cuts once: the first ids to learn from, and the rest"""
    for n, share, first in [(10, 0.5, 5), (7, 0.8, 5), (7, 0.5, 3), (11, 0.25, 2), (2, 0.5, 1)]:
        called = lab.calls(f"split(ids, {share}) with the ids 0 to {n - 1}")
        parts = lab.module.split(list(range(n)), share)
        if not isinstance(parts, tuple | list) or len(parts) != 2:
            raise Wrong(called, "two parts, (train_ids, val_ids)", parts)
        right = [list(range(first)), list(range(first, n))]
        causes = {
            "the two parts are the wrong way round": right[::-1],
            "the share is rounded, not cut off": halves(n, round(n * share)),
            "the share is rounded up": halves(n, math.ceil(n * share)),
            "an id is lost between the two": [right[0], right[1][1:]],
            "the rest is in the first part": halves(n, n - first),
        }
        expect_equal(called, [list(part) for part in parts], right, causes)
    called = lab.calls("split(ids) with 25 ids: the lengths of the parts")
    lengths = [len(part) for part in lab.module.split(list(range(25)))]
    expect_equal(called, lengths, [22, 3], {"nine tenths are 22.5 ids, cut off to 22": [23, 2]})


def halves(n, border):
    """Cut the numbers 0 to n - 1 at a border."""
    return [list(range(border)), list(range(border, n))]


@about("split", words=":|list|array|copy|tensor")
def test_split_copies_nothing(lab):
    """split takes ids of any kind, and copies none: a memory map stays on the disk"""
    for kind, ids in kinds(lab, list(range(30, 40))).items():
        called = lab.calls(f"split(ids, 0.7) with {kind}")
        parts = lab.module.split(ids, 0.7)
        expect_equal(called, [[int(id) for id in p] for p in parts], halves_of(ids, 7))
        for part in parts:
            if type(part) is not type(ids):
                raise Wrong(called, f"two times {kind}", f"a {type(part).__name__}")
        if kind == "a memory map" and not np.shares_memory(parts[0], ids):
            raise Wrong(called, "slices of it", "copies in memory")


def halves_of(ids, border):
    """Cut ids at a border, as lists of plain numbers."""
    numbers = [int(id) for id in ids]
    return [numbers[:border], numbers[border:]]


@about("split", words="raise|if|share|<|>|len")
def test_split_refusal(lab):
    """split refuses a share that is none, and to leave a part empty"""
    for n, share, why in [
        (10, 0.0, "the first part would be empty"),
        (10, 1.0, "the second part would be empty"),
        (3, 0.1, "the first part would be empty"),
        (1, 0.9, "one id makes one part"),
        (0, 0.9, "there are no ids"),
        (10, -0.3, "a share is 0 to 1"),
        (10, 1.5, "a share is 0 to 1"),
        (10, 50, "a share is 0 to 1"),
        (10, float("nan"), "a share is 0 to 1"),
    ]:
        called = lab.calls(f"split(ids, {share}) with {n} ids")
        expect_refusal(called, lambda n=n, s=share: lab.module.split(list(range(n)), s), why)


def mean(numbers):
    """Return the mean."""
    return sum(numbers) / len(numbers)


def expect_loss(called, got, windows, others=None):
    """Expect the mean of all losses in these windows.

    Args:
        called: what was done.
        got: what came out.
        windows: the losses, a list for each window.
        others: from a likely cause to the wrong number that it leads to.
    """
    every = sum(windows, [])
    whole = [window for window in windows if len(window) == len(windows[0])]
    causes = {
        "the mean of the windows is taken; a short window must not count as much": mean(
            [mean(window) for window in windows]
        ),
        "the last, shorter window is left out": mean(sum(whole, [])),
        "the sum is divided by the number of ids; there is one answer less": sum(every)
        / (len(every) + 1),
        "the sum is not divided": sum(every),
        "the sum is divided by the number of windows": sum(every) / len(windows),
        "this is in bits; nats are wanted": mean(every) / math.log(2),
        "the sign is the wrong way round": -mean(every),
    } | (others or {})
    expect_number(called, got, mean(every), causes)


def expect_number(called, got, right, causes):
    """Expect a float that is equal but for rounding."""
    if not isinstance(got, float):
        likely = "loss.item() makes a number of a tensor" if hasattr(got, "item") else ""
        expect_type(called, got, float) if got is None else None
        raise Wrong(called, "a float", f"a {type(got).__name__}", likely)
    if not abs(got - right) < 1e-4 * max(1, abs(right)):
        likely = [cause for cause, wrong in causes.items() if abs(wrong - got) < 1e-4]
        raise Wrong(called, f"{right:.4f}", f"{got:.4f}", *likely[:1])


@about("evaluate", words="loss|cross_entropy|sum|mean|/|len")
def test_by_hand(lab):
    """The worked example: four answers at 1/2 and two at 1/8 make 1.155 nats"""

    def chance(ids, steps=0):
        return torch.where(ids < 4, 0.5, 0.125)

    called = lab.calls("evaluate(model, ids, block_size=4) of the worked example, with 7 ids")
    loss = lab.module.evaluate(make_reader(chance), list(range(7)), block_size=4)
    windows = [[math.log(2)] * 4, [math.log(8)] * 2]
    same = [[math.log(2 * (V - 1))] * 4, [math.log(8 / 7 * (V - 1))] * 2]
    not_shifted = {
        "the answers are not shifted: they must stand one place later": mean(sum(same, []))
    }
    expect_loss(called, loss, windows, not_shifted)
    lab.show(f"(4 ln 2 + 2 ln 8) / 6 = {loss:.3f}")


def some_ids(n, seed=3):
    """Make n ids that follow no rule."""
    return torch.randint(V, (n,), generator=seeded(seed)).tolist()


@about("evaluate", words="range|block_size|batch_size|:|split|stack|pad|view")
def test_windows(lab):
    """Window k shows the model the ids from k * block_size on. Few windows come at once"""
    for n, block_size, batch_size in [(21, 5, 3), (22, 5, 3), (36, 5, 3), (9, 8, 2), (7, 20, 4)]:
        ids = some_ids(n)
        reader = make_reader()
        called = lab.calls(f"evaluate(model, {n} ids, {block_size}, {batch_size})")
        lab.module.evaluate(reader, ids, block_size, batch_size)
        seen = []
        for batch in reader.rows:
            if len(batch) > batch_size:
                expected = f"at most {batch_size} windows at once"
                raise Wrong(called, expected, f"{len(batch)} windows at once")
            seen += batch
        right = [ids[k : min(k + block_size, n - 1)] for k in range(0, n - 1, block_size)]
        # They may come in any order, and a shorter one may be filled up.
        short = len(right[-1])
        got = [
            row[:short] if row[:short] == right[-1] and row not in right else row for row in seen
        ]
        if sorted(got) != sorted(right) or max(map(len, seen)) > block_size:
            causes = {
                "the last, shorter window is left out": right[:-1],
                "the windows overlap; each begins where the one before it ended": [
                    ids[k : k + block_size] for k in range(n - block_size)
                ],
            }
            likely = [cause for cause, wrong in causes.items() if wrong == seen]
            raise Wrong(f"{called}: the windows that the model sees", right, seen, *likely)


@about("evaluate", words="loss|sum|mean|range|block_size|:|/")
def test_every_answer(lab):
    """Each answer counts once, whatever the sizes are"""
    for n, block_size, batch_size in [
        (21, 5, 1), (21, 5, 3), (22, 5, 3), (22, 5, 4), (24, 7, 32), (7, 20, 4), (2, 3, 2)
    ]:  # fmt: skip
        ids = some_ids(n)
        called = lab.calls(f"evaluate(model, {n} ids, {block_size}, {batch_size})")
        loss = lab.module.evaluate(make_reader(), ids, block_size, batch_size)
        expect_loss(called, loss, losses_of(ids, block_size))
    ids, reader = some_ids(64 * 33 + 20), make_reader()
    called = lab.calls("evaluate(model, 2132 ids), with block_size 64 and batch_size 32")
    expect_loss(called, lab.module.evaluate(reader, ids), losses_of(ids, 64))
    if (most := max(len(batch) for batch in reader.rows)) > 32:
        raise Wrong(f"{called}: the windows at once", "at most 32", most)


@about("evaluate", words="tensor|int64|long|astype|array|list")
def test_kinds_of_ids(lab):
    """evaluate takes a list, a tensor, an array or a memory map, and leaves it as it was"""
    numbers = some_ids(30)
    for kind, ids in kinds(lab, numbers).items():
        called = lab.calls(f"evaluate(model, ids, 4, 3) with {kind}")
        loss = lab.module.evaluate(make_reader(), ids, 4, 3)
        expect_loss(called, loss, losses_of(numbers, 4))
        expect_equal(f"{called}: ids after that", [int(id) for id in ids], numbers)


@about("evaluate", words="train|eval|mode|grad|finally|try")
def test_measuring_changes_nothing(lab):
    """evaluate measures in eval mode, without gradients. Both come back, after an error too"""

    def failing(ids, steps=0):
        raise RuntimeError("the model fails here (this is a test)")

    for training, chance in [(True, None), (False, None), (True, failing), (False, failing)]:
        reader = make_reader(chance or by_place).train(training)
        mode = {True: "train mode", False: "eval mode"}
        called = f"evaluate(model, ids, 4) with a model in {mode[training]}"
        lab.calls(called + " that fails" if chance else called)
        try:
            lab.module.evaluate(reader, some_ids(20), 4)
        except RuntimeError:
            if chance is None:
                raise
        if any(reader.modes):
            raise Wrong(lab.called, "it measures in eval mode", "it measures in train mode")
        if any(reader.gradients):
            likely = "torch.no_grad() is missing"
            raise Wrong(lab.called, "no gradients are kept", "gradients are kept", likely)
        if not torch.is_grad_enabled():
            torch.set_grad_enabled(True)
            raise Wrong(lab.called, "gradients on again afterwards", "they stay off, for everyone")
        if reader.training != training or reader.inner.training != training:
            raise Wrong(lab.called, f"{mode[training]} again afterwards", mode[not training])


@about("evaluate", words="raise|if|len|<")
def test_no_answer(lab):
    """evaluate refuses a text without an answer: fewer than 2 ids"""
    for ids in ([], [3]):
        called = lab.calls(f"evaluate(model, {ids})")
        expect_refusal(
            called, lambda: lab.module.evaluate(make_reader(), ids), "no answer is there"
        )


def counting(n):
    """Make the ids 0, 1, 2 ... that begin again after the last one."""
    return [id % V for id in range(n)]


def learn(lab, reader, **options):
    """Train a reader on numbers that count, unless options say otherwise. Return the history."""
    given = {"steps": 4, "batch_size": 3, "block_size": 5, "learning_rate": 0.1, "seed": 1}
    given |= {"train_ids": counting(90), "val_ids": some_ids(30)} | options
    given = {name: value for name, value in given.items() if value is not None}
    told = [f"{n}=..." if callable(v) else f"{n}={v}" for n, v in options.items() if n in given]
    lab.calls(f"train_on_book({', '.join(['model', 'train_ids', 'val_ids', *told])})")
    texts = given.pop("train_ids"), given.pop("val_ids")
    return lab.module.train_on_book(reader, *texts, **given)


@about("train_on_book", words="append|range|eval_every|%|steps|on_eval|return")
def test_looks(lab):
    """train_on_book looks after every eval_every steps, and once after the last"""
    for steps, every, right in [(7, 3, [3, 6, 7]), (6, 3, [3, 6]), (2, 5, [2]), (3, 1, [1, 2, 3])]:
        calls, reader = [], make_reader()
        history = learn(
            lab, reader, steps=steps, eval_every=every, on_eval=lambda *told: calls.append(told)
        )
        called = lab.called
        expect_type(called, history, list)
        for look in history:
            if not isinstance(look, tuple | list) or len(look) != 3:
                raise Wrong(called, "a list of (step, train_loss, val_loss)", history)
            expect_type(f"{called}: the step of a look", look[0], int)
            for loss in look[1:]:
                expect_number(f"{called}: a loss", loss, loss, {})
        causes = {
            "there is no look after the last step": [n for n in right if n % every == 0],
            "the steps are counted from 0": [n - 1 for n in right],
            "after the last step there are two looks": [*right, right[-1]],
            "there is a look before the first step": [0, *right],
        }
        expect_equal(f"{called}: the steps of the looks", [n for n, *_ in history], right, causes)
        expect_equal(f"{called}: what on_eval is told", calls, [tuple(look) for look in history])
        expect_equal(f"{called}: how many steps it takes", len(reader.told), steps)
    history = learn(lab, make_reader(), steps=101, eval_every=None)
    expect_equal(f"{lab.called}: the steps of the looks", [n for n, *_ in history], [100, 101])


def batches(reader):
    """Return the batches that a reader was trained with."""
    return [rows for rows, training in zip(reader.rows, reader.modes) if training]


@about("train_on_book", words="batch_size|block_size|rand|len|train_ids|val_ids|stack")
def test_random_windows(lab):
    """It learns from random windows of train_ids: every window can come, and no other"""
    reader = make_reader()
    train_ids, val_ids = [1, 2, 3, 4, 5, 6, 7, 8], [11, 12, 13, 14]
    options = {"train_ids": train_ids, "val_ids": val_ids, "block_size": 5}
    learn(lab, reader, steps=40, batch_size=6, **options)
    rows = sum(batches(reader), [])
    called = f"{lab.called} with 8 train_ids and block_size 5"
    shapes = {(len(batch), len(batch[0])) for batch in batches(reader)}
    expect_equal(f"{called}: the shapes of the batches", shapes, {(6, 5)})
    right = [train_ids[start : start + 5] for start in range(3)]
    for row in rows:
        if row not in right:
            likely = "this is from val_ids" if set(row) & set(val_ids) else ""
            raise Wrong(f"{called}: a window", "5 neighbours from train_ids", row, likely)
    seen = [window for window in right if window in rows]
    if seen != right:
        raise Wrong(f"{called}: the windows in 240 draws", right, seen)
    learn(lab, make_reader(), **options | {"train_ids": train_ids[:6]})  # just enough
    reader = make_reader()
    learn(lab, reader, steps=1, batch_size=None, block_size=None)
    (batch,) = batches(reader)
    called = "train_on_book without batch_size and block_size: the shape of a batch"
    expect_equal(called, (len(batch), len(batch[0])), (32, 64))


@about("train_on_book", words="step|backward|zero|grad|lr|learning_rate|x|y|\\+|1")
def test_learns_what_follows(lab):
    """It learns what comes next, with the learning rate, and each step uses its own gradients"""
    circle = [0]
    while len(circle) < V:  # each id has one successor, and no simple rule leads to it
        circle.append((5 * circle[-1] + 3) % V)
    moved = {}
    for rate in (0.001, 0.1):
        probe = Probe(V)
        texts = {"train_ids": circle * 5, "val_ids": circle * 2}
        learn(lab, probe, steps=40, eval_every=40, batch_size=8, learning_rate=rate, **texts)
        moved[rate] = float(probe.table.detach().abs().max())
        if not moved[rate] > 0:
            raise Wrong(lab.called, "the model's numbers move", "they stay as they were")
        if len(probe.left_over) == 40 and max(probe.left_over) > 1e-7:
            likely = "gradients are never set to zero, so they add up"
            raise Wrong(lab.called, "the gradients of this step alone", "others are added", likely)
    guess = int(probe.table.detach()[circle[0]].argmax())
    causes = {
        circle[0]: "it learned to repeat the id; the right answers are not shifted",
        circle[-1]: "it learned what came before; the answers are shifted the wrong way",
        circle[2]: "it learned what comes after the next one; they are shifted twice",
    }
    called = f"{lab.called}: its guess after {circle[0]}, in the text {circle[:4]} ..."
    if guess != circle[1]:
        raise Wrong(called, circle[1], guess, causes.get(guess, ""))
    if moved[0.1] < 5 * moved[0.001]:
        got = f"they moved {moved[0.001]:.4f} and {moved[0.1]:.4f}"
        called = "train_on_book with learning_rate 0.001 and with 0.1"
        raise Wrong(called, "numbers that move much further with 0.1", got)


@about("train_on_book", words="evaluate|val|block_size|batch_size")
def test_val_loss(lab):
    """val_loss is what evaluate gives for val_ids, with the same block_size and batch_size"""
    reader, train_ids, val_ids = make_reader(), some_ids(120, seed=4), some_ids(103)
    options = {"batch_size": 2, "block_size": 9}
    history = learn(lab, reader, train_ids=train_ids, val_ids=val_ids, **options)
    called = f"{lab.called}: val_loss"
    causes = {
        "this is the loss on train_ids": mean(sum(losses_of(train_ids, 9), [])),
        "evaluate is not told the block_size": mean(sum(losses_of(val_ids, 64), [])),
    }
    expect_loss(called, history[-1][2], losses_of(val_ids, 9), causes)
    at_once = {len(rows) for rows, mode in zip(reader.rows, reader.modes) if not mode}
    if max(at_once) > 2:
        raise Wrong(f"{called}: windows at once", "at most batch_size 2", f"{max(at_once)}")


@about("train_on_book", words="losses|sum|len|mean|clear|/|append")
def test_train_loss(lab):
    """train_loss is the mean loss of the steps since the look before"""
    reader = make_reader()
    history = learn(lab, reader, steps=17, eval_every=7)
    told = reader.told
    for number, (start, end) in enumerate([(0, 7), (7, 14), (14, 17)]):
        called = f"{lab.called}: train_loss of look {number + 1}, the mean of {end - start} steps"
        causes = {
            "this is the mean of all steps so far": mean(told[:end]),
            "this is the loss of the last step": told[end - 1],
            "the sum is divided by eval_every": sum(told[start:end]) / 7,
            "the sum is divided by the number of all steps": sum(told[start:end]) / end,
            "the sum is not divided": sum(told[start:end]),
        }
        expect_number(called, history[number][1], mean(told[start:end]), causes)


@about("train_on_book", words="best|state_dict|copy|clone|load|<|inf")
def test_best_weights(lab):
    """At the end the model has the weights of its best look, the earlier one of equals"""
    for script in ([3.0, 1.0, 2.0, 1.0, 4.0], [1.0, 2.0, 3.0], [30.0, 20.0, 10.0], [5.0, 4.0, 4.5]):
        tables, reader = [], None

        def chance(ids, steps, script=script):
            return torch.full(ids.shape, math.exp(-script[(steps - 1) // 2]), dtype=torch.float64)

        reader = make_reader(chance)
        options = {"steps": 2 * len(script), "eval_every": 2, "val_ids": counting(30)}
        kept = lambda *told, r=reader: tables.append(r.table.detach().clone())  # noqa: E731
        history = learn(lab, reader, on_eval=kept, **options)
        called = f"{lab.called}, where val_loss is {', '.join(map(str, script))}"
        for look, val_loss in zip(history, script):
            expect_number(f"{called}: val_loss at step {look[0]}", look[2], val_loss, {})
        best = script.index(min(script))
        same = [n for n, table in enumerate(tables) if distance(table, reader.table.detach()) == 0]
        if best not in same:
            likely = ""
            if same and script[same[0]] == script[best]:
                likely = "of two equal looks, the later one is taken"
            elif same == [len(script) - 1]:
                likely = "the last weights stay: load the best, and remember a copy of them"
            got = f"those of look {same[0] + 1}" if same else "those of no look"
            raise Wrong(
                f"{called}: the weights at the end", f"those of look {best + 1}", got, likely
            )


@about("train_on_book", words="seed|generator|rand")
def test_seed(lab):
    """The seed decides which windows come, and global random numbers stay untouched"""

    def drawn(seed, global_seed):
        torch.manual_seed(global_seed)
        before, reader = torch.get_rng_state(), make_reader()
        learn(lab, reader, train_ids=some_ids(300), eval_every=2, seed=seed)
        if not torch.equal(before, torch.get_rng_state()):
            raise Wrong(lab.called, "PyTorch's random numbers as they were", "they are changed")
        return batches(reader)

    first, again, other = drawn(1, 1), drawn(1, 2), drawn(2, 1)
    if first != again:
        raise Wrong("train_on_book twice, with seed=1", "the same windows", "different ones")
    if first == other:
        raise Wrong("train_on_book with seed=1 and seed=2", "different windows", "the same ones")
    if first[0] == first[1]:
        raise Wrong("train_on_book with seed=1", "other windows in each step", "the same ones")


@about("train_on_book", words="train|eval|mode|finally|try|grad")
def test_modes(lab):
    """It learns in train mode, looks in eval mode, and restores the mode, after an error too"""

    def failing(*told):
        raise RuntimeError("it is stopped here (this is a test)")

    for training, on_eval in [(True, None), (False, None), (True, failing), (False, failing)]:
        reader = make_reader().train(training)
        try:
            learn(lab, reader, steps=6, eval_every=2, val_ids=[3] * 7, on_eval=on_eval)
        except RuntimeError:
            if on_eval is None:
                raise
        for rows, mode, gradients in zip(reader.rows, reader.modes, reader.gradients):
            looks = set(sum(rows, [])) <= {0, 3}
            if mode == looks:
                expected = "it looks in eval mode" if looks else "it learns in train mode"
                raise Wrong(lab.called, expected, "it is in the other mode")
            if gradients == looks:
                expected = "no gradients while it looks" if looks else "gradients while it learns"
                raise Wrong(lab.called, expected, "the other way round")
        if reader.training != training or reader.inner.training != training:
            mode = "train mode" if training else "eval mode"
            raise Wrong(lab.called, f"a model in {mode} is so again", "it is in the other mode")


@about("train_on_book", words="raise|if|<|len|steps|eval_every|block_size")
def test_refusals(lab):
    """What cannot work is refused before anything is trained"""
    for options, why in [
        ({"steps": 0}, "at least 1 step is needed"),
        ({"steps": -1}, "at least 1 step is needed"),
        ({"eval_every": 0}, "at least 1 step lies between two looks"),
        ({"eval_every": -2}, "at least 1 step lies between two looks"),
        ({"train_ids": counting(5)}, "a window of 5 needs 6 train_ids"),
        ({"val_ids": [3]}, "1 id has no answer"),
        ({"val_ids": []}, "there are no val_ids"),
    ]:
        reader = make_reader()
        attempt = lambda o=options, r=reader: learn(lab, r, **o)  # noqa: E731
        called = (
            f"train_on_book(..., {next(iter(options))}={describe(next(iter(options.values())))})"
        )
        expect_refusal(called, attempt, why)
        if reader.told:
            raise Wrong(called, "a refusal before the first step", f"{len(reader.told)} steps")


def a_book(seed=5):
    """Write a book of small words, with some line ends of Windows."""
    words = "red hen curled up hello world once upon our pond".split()
    order = torch.randint(len(words), (700,), generator=seeded(seed)).tolist()
    ends = [".\r\n" if place % 7 == 6 else " " for place in range(700)]
    return "".join(words[n] + end for n, end in zip(order, ends))


@about("train_on_book", "write_ids", "evaluate", seconds=20.0, needs=BOTH)
def test_whole_way(lab):
    """The whole way: a book becomes ids on the disk, and a small GPT learns from them"""
    path, out, text = write(lab, a_book().encode()), lab.folder / "book.bin", a_book()
    called = lab.calls("a tokenizer and a file of ids, in two passes over a book")
    letters = dict.fromkeys(c for piece in lab.module.read_pieces(path, 100) for c in piece)
    tokenizer = lab.other("tokenizer").CharTokenizer("".join(letters))
    pieces = (tokenizer.encode(piece) for piece in lab.module.read_pieces(path, 100))
    count = lab.module.write_ids(out, pieces)
    ids = lab.module.open_ids(out)
    expect_equal(
        f"{called}, read again", tokenizer.decode(ids.tolist()), text.replace("\r\n", "\n")
    )
    expect_equal(f"{called}: how many", count, len(ids))
    train_ids, val_ids = lab.module.split(ids)
    torch.manual_seed(6)
    model = lab.other("transformer").MiniGPT(vocab_size=tokenizer.vocab_size, **TINY)
    called = lab.calls("train_on_book(model, train_ids, val_ids, steps=60, eval_every=20)")
    options = {"steps": 60, "eval_every": 20, "batch_size": 16, "block_size": 16}
    history = lab.module.train_on_book(model, train_ids, val_ids, learning_rate=0.01, **options)
    best, even = min(val_loss for *_, val_loss in history), math.log(tokenizer.vocab_size)
    if not best < 0.9 * even:
        raise Wrong(f"{called}: val_loss", f"less than an even guess, {even:.2f}", f"{best:.2f}")
    again = lab.module.evaluate(model, val_ids, 16)
    expect_number("evaluate(model, val_ids, 16) after that", again, best, {})
    lab.show(f"{len(ids):,} ids: an even guess costs {even:.2f}, unseen text now {best:.2f} nats")
