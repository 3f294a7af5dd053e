"""Challenge 05, larger data: a book in place of a sentence, and how it does on unseen text."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import math

import numpy as np
import torch
from tutor.facts import books, reader
from tutor.facts.books import kinds, old_file, read, write
from tutor.facts.lessons import expect_every_step, expect_right_answers
from tutor.facts.reader import V, batches, counting, learn, losses_of, make_reader, mean, some_ids
from tutor.facts.stand_ins import Probe
from tutor.facts.witness import optimizer_steps
from tutor.facts.words import Wrong, about, describe, expect_equal, expect_refusal

MARK = "\ufeff".encode()
SIZES = (1, 2, 3, 5, 7, 1000)
MILLION = 1_000_000
TINY = {"n_embd": 16, "n_head": 2, "n_layer": 1, "block_size": 16}


@about("read_pieces")
def test_pieces(lab):
    """read_pieces gives a text in pieces that are not too long. Joined, they are the text"""
    for text in ["red hen", "two\nlines\n", "  spaces\tand \n\n empty lines\n ", "x"]:
        for size in SIZES:
            joined = read(lab, text.encode(), size)
            expect_equal(lab.called, joined, text, books.wrong_texts(text, size))
    called = lab.calls("read_pieces(str(path)) of a file with 1,000,003 characters")
    path = write(lab, b"a" * (MILLION + 2) + b"z")
    sizes = [len(piece) for piece in lab.module.read_pieces(str(path))]
    if max(sizes) > MILLION or sum(sizes) != MILLION + 3:
        raise Wrong(called, "pieces of at most 1,000,000 characters, 1,000,003 in all", sizes[:9])


@about("read_pieces")
def test_characters(lab):
    """A character of several bytes stays whole where a piece ends"""
    short = ["äöüß", "aä語🙂é", "語" * 7 + "🙂" * 7]
    cases = [(text, size) for text in short for size in SIZES]
    cases += [(text, 4096) for text in ("a" + "🙂" * 5000, "ab" + "語" * 6000)]
    for text, size in cases:
        joined = read(lab, text.encode(), size)
        likely = "a character is cut where a piece of bytes ends" if "\ufffd" in joined else ""
        if len(joined) == len(text.encode()):
            likely = "the bytes are not decoded as UTF-8"
        if joined != text:
            raise Wrong(lab.called, text, joined, likely)


@about("read_pieces")
def test_line_ends(lab):
    r"""Lines that end with "\r\n" end with "\n", also where a piece ends between the two"""
    # Files are read in blocks of a power of 2 bytes. Here each of them ends with "\r".
    long = ("\n" + 510 * "x" + "\r") * 40
    short = ["a\r\nb\r\n", "ab\r\ncd\r\n\r\ne", "\r\n", "a\rb\r", "\r\r\n\r", "ab\n\r\n\rc"]
    for text in [*short, long]:
        for size in SIZES:
            joined = read(lab, text.encode(), size)
            books.expect_line_ends(lab.called, text, size, joined)


@about("read_pieces")
def test_byte_order_mark(lab):
    """A byte order mark at the beginning is dropped, and nothing else"""
    for text in ["red hen", "r\ufeffed\ufeff"]:
        causes = {
            "the byte order mark is kept; the encoding utf-8-sig drops it": "\ufeff" + text,
            "the same sign inside the text is dropped too": text.replace("\ufeff", ""),
            "the first letter is lost": text[1:],
        }
        for size in SIZES:
            expect_equal(lab.called, read(lab, MARK + text.encode(), size), text, causes)
        expect_equal("the same without the mark", read(lab, text.encode(), 3), text)


@about("read_pieces")
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
    books.expect_missing(lab)


@about("read_pieces")
def test_book_stays_outside(lab):
    """A book is never in memory as a whole"""
    called = lab.calls("the first two pieces of read_pieces(path, 1000), of a file of 8 MB")
    needed, with_lines = (
        books.memory_to_begin(lab, write(lab, words * MILLION, "large.txt"))
        for words in (b"abcdefg ", b"abcdefg\n")
    )
    if needed > 4 * MILLION:
        likely = "the whole file is read before the first piece comes"
        if with_lines < 4 * MILLION:
            likely = "it reads line by line, and this book is a single line"
        raise Wrong(called, "less than 4 MB of memory", f"{needed / MILLION:.0f} MB", likely)


@about("write_ids")
def test_bytes(lab):
    """write_ids writes two bytes for each id, the smaller part first, and counts the ids"""
    pieces, path = [[1, 2], [258], [], list(range(1000, 1400))], lab.folder / "ids.bin"
    for given in (path, str(path), path):
        called = lab.calls("write_ids(path, pieces) with the pieces [1, 2], [258], [], ...")
        count = lab.module.write_ids(given, (piece for piece in pieces))
        books.expect_file(f"{called}: what the file holds", path.read_bytes(), pieces)
        causes = {"the bytes are counted": 806, "the pieces are counted": len(pieces)}
        expect_equal(f"{called}: what it returns", count, 403, causes)


@about("write_ids")
def test_edges(lab):
    """The ids 0 and 65535 can be written. Those below and above are refused"""
    path = lab.folder / "edges.bin"
    lab.calls("write_ids(path, [[0, 65535], [65535, 0]])")
    expect_equal(lab.called, lab.module.write_ids(path, [[0, 65535], [65535, 0]]), 4)
    expect_equal(f"{lab.called}: the file", path.read_bytes(), b"\x00\x00\xff\xff\xff\xff\x00\x00")
    for id in (-1, 65536, 65537, -40_000, 70_000, 2**40, 2**70):
        called = lab.calls(f"write_ids(path, [[1, 2], [3, {id}, 4]])")
        with old_file(lab) as old:
            pieces = [[1, 2], [3, id, 4]]
            attempt = lambda old=old, pieces=pieces: lab.module.write_ids(old, pieces)  # noqa: E731
            expect_refusal(called, attempt, "two bytes hold 0 to 65535")


@about("write_ids")
def test_half_way(lab):
    """After an error half-way the old file stands as it was, and no other file is there"""

    def failing(kind):
        yield list(range(30_000))
        yield [1, 2, 3]
        raise kind("the book ends here (this is a test)")

    for kind, name in [(OSError, "ids.bin"), (ValueError, "ids.bin"), (RuntimeError, "new.bin")]:
        called = lab.calls(f"write_ids to {name}, with pieces that end in a {kind.__name__}")
        with old_file(lab) as old:
            try:
                got = lab.module.write_ids(old.with_name(name), failing(kind))
            except kind:
                continue
            expected = f"the {kind.__name__} is passed on"
            raise Wrong(called, expected, f"no error, but {describe(got)}")


@about("write_ids")
def test_one_piece_at_a_time(lab):
    """write_ids needs memory for one piece, not for the whole book"""
    called = lab.calls("write_ids(path, pieces) with 60 pieces of 2,000 ids each, 240 KB in all")
    alone, needed = (books.memory_to_write(lab, pieces) for pieces in (1, 60))
    if needed > alone + 100_000:
        got = f"{needed / 1000:.0f} KB of memory, and {alone / 1000:.0f} KB for a single piece"
        raise Wrong(called, "as much memory as for a single piece", got)


@about("open_ids")
def test_open(lab):
    """open_ids maps the file: the ids are there, are not read at once, and cannot be changed"""
    ids, data = [0, 1, 255, 256, 258, 65535], bytes.fromhex("0000 0100 ff00 0001 0201 ffff")
    path = write(lab, data, "ids.bin")
    for given in (path, str(path)):
        called = lab.calls("open_ids(path) of a file with the ids 0, 1, 255, 256, 258, 65535")
        books.expect_map(called, lab.module.open_ids(given), ids)
    expect_equal("the file after that", path.read_bytes(), data)


@about("open_ids")
def test_open_refusal(lab):
    """open_ids refuses a file that is empty, or ends in the middle of an id"""
    for data, why in {
        b"": "the file is empty",
        b"\x01\x00\x02": "an id has two bytes, and the last one has only one",
    }.items():
        path = write(lab, data, f"odd{len(data)}.bin")
        called = lab.calls(f"open_ids(path) of a file of {len(data)} bytes")
        expect_refusal(called, lambda p=path: lab.module.open_ids(p), why)


@about("split")
def test_split(lab):
    """split cuts once: the first ids to learn from, and the rest"""
    for n, share, first in [(10, 0.5, 5), (7, 0.8, 5), (7, 0.5, 3), (11, 0.25, 2), (2, 0.5, 1)]:
        called = lab.calls(f"split(ids, {share}) with the ids 0 to {n - 1}")
        parts = lab.module.split(list(range(n)), share)
        if not isinstance(parts, tuple | list) or len(parts) != 2:
            raise Wrong(called, "two parts, (train_ids, val_ids)", parts)
        right = books.halves(list(range(n)), first)
        expect_equal(called, [list(p) for p in parts], right, books.wrong_halves(n, share))
    lengths = [len(part) for part in lab.module.split(list(range(25)))]
    expect_equal("split(ids) with 25 ids: the lengths of the parts", lengths, [22, 3])


@about("split")
def test_split_copies_nothing(lab):
    """split takes ids of any kind, and copies none: a memory map stays on the disk"""
    numbers = list(range(30, 40))
    for kind, ids in kinds(lab, numbers).items():
        called = lab.calls(f"split(ids, 0.7) with {kind}")
        parts = lab.module.split(ids, 0.7)
        expect_equal(called, [[int(n) for n in part] for part in parts], books.halves(numbers, 7))
        for part in parts:
            if type(part) is not type(ids):
                raise Wrong(called, f"two times {kind}", f"a {type(part).__name__}")
            if kind == "a memory map" and not np.shares_memory(part, ids):
                raise Wrong(called, "slices of it", "copies in memory")


@about("split")
def test_split_refusal(lab):
    """split refuses a share that is none, and to leave a part empty"""
    for n, share, why in [
        (10, 0.0, "the first part would be empty"),
        (10, 1.0, "the second part would be empty"),
        (3, 0.1, "the first part would be empty"),
        (0, 0.9, "there are no ids"),
        (10, -0.3, "a share is 0 to 1"),
        (10, 50, "a share is 0 to 1"),
        (10, float("nan"), "a share is 0 to 1"),
    ]:
        called = lab.calls(f"split(ids, {share}) with {n} ids")
        expect_refusal(called, lambda n=n, s=share: lab.module.split(list(range(n)), s), why)


@about("evaluate")
def test_by_hand(lab):
    """The worked example: four answers at 1/2 and two at 1/8 make 1.155 nats"""

    # The model finds an id that stands still as likely as any other wrong one.
    still = (4 * math.log(2 * (V - 1)) + 2 * math.log(8 / 7 * (V - 1))) / 6
    others = {"the answers are not shifted: they must stand one place later": still}
    for ids in (counting(7), counting(20)[13:]):  # the second one has an answer that is 0

        def chance(seen, steps=0, first=ids[0]):
            return torch.where((seen - first) % V < 4, 0.5, 0.125)

        called = lab.calls("evaluate(model, ids, block_size=4) of the worked example, with 7 ids")
        loss = lab.module.evaluate(make_reader(chance), ids, block_size=4)
        reader.expect_loss(called, loss, [[math.log(2)] * 4, [math.log(8)] * 2], others)
    lab.show(f"(4 ln 2 + 2 ln 8) / 6 = {loss:.3f}")


@about("evaluate")
def test_windows(lab):
    """Window k shows the model the ids from k * block_size on. Few windows come at once"""
    for n, block_size, batch_size in [(21, 5, 3), (22, 5, 3), (36, 5, 3), (9, 8, 2), (7, 20, 4)]:
        ids, model = some_ids(n), make_reader()
        called = lab.calls(f"evaluate(model, {n} ids, {block_size}, {batch_size})")
        lab.module.evaluate(model, ids, block_size, batch_size)
        most = max(map(len, model.rows), default=0)
        if most > batch_size:
            raise Wrong(called, f"at most {batch_size} windows at once", f"{most} at once")
        reader.expect_windows(called, model, ids, block_size)


@about("evaluate")
def test_every_answer(lab):
    """Each answer counts once, whatever the sizes are"""
    for n, *sizes in [(21, 5, 1), (22, 5, 3), (22, 5, 4), (24, 7, 32), (7, 20, 4), (2, 3, 2)]:
        ids = some_ids(n)
        called = lab.calls(f"evaluate(model, {n} ids, {sizes[0]}, {sizes[1]})")
        loss = lab.module.evaluate(make_reader(), ids, *sizes)
        reader.expect_loss(called, loss, losses_of(ids, sizes[0]))
    ids, model = some_ids(64 * 33 + 20), make_reader()
    called = lab.calls("evaluate(model, 2132 ids), with block_size 64 and batch_size 32")
    reader.expect_loss(called, lab.module.evaluate(model, ids), losses_of(ids, 64))
    if (most := max(map(len, model.rows))) > 32:
        raise Wrong(f"{called}: the windows at once", "at most 32", most)


@about("evaluate")
def test_kinds_of_ids(lab):
    """evaluate takes a list, a tensor, an array or a memory map, and leaves it as it was"""
    numbers = some_ids(30)
    for kind, ids in kinds(lab, numbers).items():
        called = lab.calls(f"evaluate(model, ids, 4, 3) with {kind}")
        loss = lab.module.evaluate(make_reader(), ids, 4, 3)
        reader.expect_loss(called, loss, losses_of(numbers, 4))
        expect_equal(f"{called}: ids after that", [int(id) for id in ids], numbers)


@about("evaluate")
def test_measuring_changes_nothing(lab):
    """evaluate measures in eval mode, without gradients. Both come back, after an error too"""

    def failing(ids, steps=0):
        raise RuntimeError("the model fails here (this is a test)")

    for training in (True, False):
        mode = "train mode" if training else "eval mode"
        model = make_reader().train(training)
        called = lab.calls(f"evaluate(model, ids, 4) with a model in {mode}")
        lab.module.evaluate(model, some_ids(20), 4)
        reader.expect_measuring(called, model)
        reader.expect_restored(called, model, training)
        model = make_reader(failing).train(training)
        try:
            lab.module.evaluate(model, some_ids(20), 4)
        except RuntimeError:
            reader.expect_restored(f"{called} that fails", model, training)


@about("evaluate")
def test_no_answer(lab):
    """evaluate refuses a text without an answer: fewer than 2 ids"""
    for ids in ([], [3]):
        attempt = lambda ids=ids: lab.module.evaluate(make_reader(), ids)  # noqa: E731
        expect_refusal(lab.calls(f"evaluate(model, {ids})"), attempt, "no answer is there")


@about("train_on_book")
def test_looks(lab):
    """train_on_book looks after every eval_every steps, and once after the last"""
    for steps, every, right in [(7, 3, [3, 6, 7]), (6, 3, [3, 6]), (2, 5, [2]), (3, 1, [1, 2, 3])]:
        told, model = [], make_reader()
        tell = lambda *look, told=told: told.append(look)  # noqa: E731
        history = learn(lab, model, steps=steps, eval_every=every, on_eval=tell)
        called = lab.called
        reader.expect_looks(called, history, right, every)
        expect_equal(f"{called}: what on_eval is told", told, [tuple(look) for look in history])
        expect_equal(f"{called}: how many steps it takes", len(model.told), steps)
    history = learn(lab, make_reader(), steps=101, eval_every=None)
    expect_equal(f"{lab.called}: the steps of the looks", [n for n, *_ in history], [100, 101])


@about("train_on_book")
def test_random_windows(lab):
    """It learns from random windows of train_ids: every window can come, and no other"""
    model, train_ids, val_ids = make_reader(), [1, 2, 3, 4, 5, 6, 7, 8], [11, 12, 13, 14]
    texts = {"train_ids": train_ids, "val_ids": val_ids}
    learn(lab, model, steps=40, batch_size=6, block_size=5, **texts)
    called = f"{lab.called} with 8 train_ids"
    shapes = {(len(batch), len(batch[0])) for batch in batches(model)}
    expect_equal(f"{called}: the shapes of the batches", shapes, {(6, 5)})
    rows, right = sum(batches(model), []), [train_ids[start : start + 5] for start in range(3)]
    different = sorted(row for number, row in enumerate(rows) if row not in rows[:number])
    expect_equal(f"{called}: the different windows in 240 draws", different, right)
    learn(lab, make_reader(), train_ids=train_ids[:6], val_ids=[3, 4])  # just enough
    learn(lab, model := make_reader(), steps=1, batch_size=None, block_size=None)
    (batch,) = batches(model)
    expect_equal(f"{lab.called}: the shape of a batch", (len(batch), len(batch[0])), (32, 64))


@about("train_on_book")
def test_learns_what_follows(lab):
    """It learns what comes next, with the learning rate, and each step uses its own gradients"""
    circle, moved = [0], {}
    while len(circle) < V:  # each id has one successor, and no simple rule leads to it
        circle.append((5 * circle[-1] + 3) % V)
    for rate in (0.001, 0.1):
        probe, texts = Probe(V), {"train_ids": circle * 5, "val_ids": circle * 2}
        with optimizer_steps() as steps:
            learn(lab, probe, steps=9, eval_every=9, learning_rate=rate, **texts)
        for lesson in probe.lessons:
            expect_right_answers(lab.called, lesson, texts["train_ids"])
        moved[rate] = reader.expect_moved(lab.called, probe, steps=9)
        expect_every_step(lab, lab.called, steps, 9)
    reader.expect_further("train_on_book", moved)


@about("train_on_book")
def test_val_loss(lab):
    """val_loss is what evaluate gives for val_ids, with the same block_size and batch_size"""
    model, train_ids, val_ids = make_reader(), some_ids(120, seed=4), some_ids(103)
    texts = {"train_ids": train_ids, "val_ids": val_ids}
    history = learn(lab, model, batch_size=2, block_size=9, **texts)
    called = f"{lab.called}: val_loss"
    causes = {
        "this is the loss on train_ids": mean(sum(losses_of(train_ids, 9), [])),
        "evaluate is not told the block_size": mean(sum(losses_of(val_ids, 64), [])),
    }
    reader.expect_loss(called, history[-1][2], losses_of(val_ids, 9), causes)
    most = max(len(rows) for rows, training in zip(model.rows, model.modes) if not training)
    if most > 2:
        raise Wrong(f"{called}: windows at once", "at most batch_size 2", most)


@about("train_on_book")
def test_train_loss(lab):
    """train_loss is the mean loss of the steps since the look before"""
    model = make_reader()
    history = learn(lab, model, steps=17, eval_every=7)
    for number, (start, end) in enumerate([(0, 7), (7, 14), (14, 17)]):
        called = f"{lab.called}: train_loss of look {number + 1}, the mean of {end - start} steps"
        since, so_far = model.told[start:end], model.told[:end]
        causes = {
            "this is the mean of all steps so far": mean(so_far),
            "this is the loss of the last step": since[-1],
            "the sum is divided by eval_every": sum(since) / 7,
            "the sum is divided by the number of all steps": sum(since) / end,
            "the sum is not divided": sum(since),
        }
        reader.expect_number(called, history[number][1], mean(since), causes)


@about("train_on_book")
def test_best_weights(lab):
    """At the end the model has the weights of its best look, the earlier one of equals"""
    for script in ([3.0, 1.0, 2.0, 1.0, 4.0], [1.0, 2.0, 3.0], [30.0, 20.0, 10.0], [5.0, 4.0, 4.5]):

        def chance(ids, steps, script=script):
            return torch.full(ids.shape, math.exp(-script[(steps - 1) // 2]), dtype=torch.float64)

        tables, model = [], make_reader(chance)
        tell = lambda *look, kept=tables, m=model: kept.append(m.table.detach().clone())  # noqa: E731
        steps = 2 * len(script)
        looks = learn(lab, model, steps=steps, eval_every=2, val_ids=counting(30), on_eval=tell)
        called = f"{lab.called}, where val_loss is {', '.join(map(str, script))}"
        for look, val_loss in zip(looks, script):
            reader.expect_number(f"{called}: val_loss at step {look[0]}", look[2], val_loss)
        reader.expect_best(called, model, script, tables)


@about("train_on_book")
def test_seed(lab):
    """The seed decides which windows come, and global random numbers stay untouched"""

    def drawn(seed, global_seed):
        torch.manual_seed(global_seed)
        before, model = torch.get_rng_state(), make_reader()
        learn(lab, model, train_ids=some_ids(300), eval_every=2, seed=seed)
        if not torch.equal(before, torch.get_rng_state()):
            raise Wrong(lab.called, "PyTorch's random numbers as they were", "they are changed")
        return batches(model)

    first, other = drawn(1, 1), drawn(2, 1)
    if first != drawn(1, 2):
        raise Wrong("train_on_book twice, with seed=1", "the same windows", "different ones")
    if first == other:
        raise Wrong("train_on_book with seed=1 and seed=2", "different windows", "the same ones")
    if first[0] == first[1]:
        raise Wrong("train_on_book with seed=1", "other windows in each step", "the same ones")


@about("train_on_book")
def test_modes(lab):
    """It learns in train mode, looks in eval mode, and restores the mode, after an error too"""

    def failing(*look):
        raise RuntimeError("it is stopped here (this is a test)")

    for training in (True, False):
        model = make_reader().train(training)
        learn(lab, model, steps=6, eval_every=2, val_ids=[3] * 7)
        reader.expect_steps_and_looks(lab.called, model, looked_at=3)
        reader.expect_restored(lab.called, model, training)
        model = make_reader().train(training)
        try:
            learn(lab, model, on_eval=failing)
        except RuntimeError:
            reader.expect_restored(f"{lab.called}, which fails", model, training)


@about("train_on_book")
def test_refusals(lab):
    """What cannot work is refused before anything is trained"""
    for name, value, why in [
        ("steps", 0, "at least 1 step is needed"),
        ("eval_every", 0, "at least 1 step lies between two looks"),
        ("train_ids", counting(5), "a window of 5 needs 6 train_ids"),
        ("val_ids", [3], "1 id has no answer"),
    ]:
        model = make_reader()
        called = f"train_on_book(model, ..., {name}={value})"
        attempt = lambda m=model, given={name: value}: learn(lab, m, **given)  # noqa: E731
        expect_refusal(called, attempt, why)
        if model.told:
            raise Wrong(called, "a refusal before the first step", f"{len(model.told)} steps")


@about("train_on_book", "write_ids", "evaluate", seconds=20.0, needs=("tokenizer", "transformer"))
def test_whole_way(lab):
    """The whole way: a book becomes ids on the disk, and a small GPT learns from them"""
    tokenizer, ids = books.two_passes(lab)
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
    reader.expect_number("evaluate(model, val_ids, 16) after that", again, best)
    lab.show(f"{len(ids):,} ids: an even guess costs {even:.2f}, unseen text now {best:.2f} nats")
