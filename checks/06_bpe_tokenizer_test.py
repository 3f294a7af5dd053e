"""Challenge 6, the BPE tokenizer: what often stands side by side becomes one token."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import json
import random
import re
from collections import Counter
from functools import partial
from pathlib import Path

from tutor.facts.words import (
    Wrong,
    about,
    describe,
    expect_equal,
    expect_ids,
    expect_refusal,
    expect_type,
)

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
BYTES = [b"<pad>", b"<unk>", b"<eos>"] + [bytes([value]) for value in range(256)]
HELP = "hello hello help"
TEXTS = [
    "a",
    " two  spaces,\n\n and\tends ",
    "don't we'll I've you're it's I'm he'd isn't",
    "snake_case 2026-11 3.14 a1b22",
    "Zürich, naïve, Ωμέγα, привет",
    "語言模型 言語 🙂🙂👍🏽",
    "\x00\x7f\u2028\ufeff\U0010ffff",
]


def byte_ids(text):
    """Turn a text into the ids of its bytes."""
    return [3 + byte for byte in text.encode("utf-8")]


def joined(ids, pair, new_id):
    """Put a new id in the place of each pair, from left to right."""
    out = []
    while ids:
        if tuple(ids[:2]) == pair:
            out, ids = [*out, new_id], ids[2:]
        else:
            out, ids = [*out, ids[0]], ids[1:]
    return out


def smallest(counts):
    """Choose the most frequent pair, of equals the one with the smaller ids."""
    return min(counts, key=lambda pair: (-counts[pair], pair))


def learn(text, vocab_size, choose=smallest, cut=PIECES.findall, times=lambda n: n):
    """Learn merges just as the contract says it, slowly. What is passed in makes it go wrong."""
    words = {word: (byte_ids(word), times(n)) for word, n in Counter(cut(text)).items()}
    merges = []
    while 259 + len(merges) < vocab_size:
        counts = Counter()
        for ids, n in words.values():
            for pair in zip(ids, ids[1:]):
                counts[pair] += n
        if not counts:
            break
        pair = choose(counts)
        words = {w: (joined(ids, pair, 259 + len(merges)), n) for w, (ids, n) in words.items()}
        merges.append(pair)
    return merges


def encoded(text, merges, cut=PIECES.findall):
    """Encode a text just as the contract says it, slowly."""
    out = []
    for word in cut(text):
        ids = byte_ids(word)
        for new_id, pair in enumerate(merges, start=259):
            ids = joined(ids, pair, new_id)
        out += ids
    return out


RULES = {
    "of equals the larger ids are taken; take the smaller ones": {
        "choose": lambda counts: max(counts, key=lambda pair: (counts[pair], pair))
    },
    "of equals the first in the text is taken; take the one with the smaller ids": {
        "choose": lambda counts: max(counts, key=counts.get)
    },
    "the rarest pair is taken; take the most frequent one": {
        "choose": lambda counts: min(counts, key=lambda pair: (counts[pair], pair))
    },
    "a pair reaches into the next word; cut with PIECES first": {"cut": lambda text: [text]},
    "the spaces are lost; cut with PIECES, not with split": {"cut": str.split},
    "each different word counts once; count how often it comes": {"times": lambda n: 1},
    "a pair that stands there once counts too": {"times": lambda n: 0 if n == 1 else n},
}


def expect_merges(lab, text, vocab_size, expected=None):
    """Expect the right merges, and say which rule was broken where that can be told."""
    expected = expected or learn(text, vocab_size)
    called = lab.calls(f"BPETokenizer.train({describe(text)}, {vocab_size}).merges")
    got = lab.module.BPETokenizer.train(text, vocab_size).merges
    expect_type(called, got, list)
    if got == expected:
        return
    causes = {cause: learn(text, vocab_size, **rule) for cause, rule in RULES.items()}
    causes["one merge too many; stop at vocab_size"] = learn(text, vocab_size + 1)
    likely = "; ".join(c for c, wrong in causes.items() if wrong == got and wrong != expected)
    place = next((k for k, pair in enumerate(expected) if got[k : k + 1] != [pair]), len(expected))
    if 3 < place < min(len(expected), len(got)):
        raise Wrong(f"{called}[{place}]", expected[place], got[place], likely)
    raise Wrong(called, expected, got, likely)


def some_text(seed, letters="abc", words=40, longest=7):
    """Make a text of words that share many pairs."""
    chance = random.Random(seed)
    sizes = [chance.randint(1, longest) for _ in range(words)]
    return " ".join("".join(chance.choices(letters, k=size)) for size in sizes)


@about("BPETokenizer.__init__")
def test_bytes(lab):
    """Without any merge, the vocabulary is the special tokens and the 256 bytes"""
    tokenizer = lab.module.BPETokenizer()
    causes = {
        "the special tokens are missing": BYTES[3:],
        "the special tokens stand at the end": BYTES[3:] + BYTES[:3],
        "the last byte is missing": BYTES[:-1],
        "the tokens are text; they should be bytes, such as b'a'": [
            *["<pad>", "<unk>", "<eos>"],
            *map(chr, range(256)),
        ],
    }
    expect_equal("BPETokenizer().vocab", tokenizer.vocab, BYTES, causes)
    expect_equal("BPETokenizer().vocab_size", tokenizer.vocab_size, 259)
    expect_equal("BPETokenizer().merges", tokenizer.merges, [])


@about("BPETokenizer.__init__")
def test_vocab(lab):
    """Each merge adds one token: what its two halves hold, joined"""
    merges = [(104, 111), (107, 259), (260, 111), (35, 261), (198, 172)]
    tokens = [b"el", b"hel", b"hell", b" hell", b"\xc3\xa9"]
    tokenizer = lab.module.BPETokenizer(merges)
    called = lab.calls(f"BPETokenizer({merges[:3]} ...)")
    causes = {"the halves are joined the wrong way round": [b"le", b"leh", b"lleh"]}
    expect_equal(f"{called}.vocab[259:262]", tokenizer.vocab[259:262], tokens[:3], causes)
    expect_equal(f"{called}.vocab", tokenizer.vocab, BYTES + tokens)
    expect_equal(f"{called}.vocab_size", tokenizer.vocab_size, 264)
    expect_equal(f"{called}.merges", tokenizer.merges, merges)


@about("BPETokenizer.encode")
def test_encode_bytes(lab):
    """Without any merge, each byte of a text is one token"""
    tokenizer = lab.module.BPETokenizer()
    for text in ["hello", "hé 🙂", "", *TEXTS]:
        causes = {
            "a byte's id is its value plus 3": list(text.encode("utf-8")),
            "the characters are taken, not the bytes in UTF-8": [3 + ord(c) for c in text],
            "the spaces are lost": byte_ids(text.replace(" ", "")),
        }
        called = lab.calls(f"BPETokenizer().encode({describe(text)})")
        expect_ids(called, tokenizer.encode(text), byte_ids(text), causes)


@about("BPETokenizer.decode")
def test_decode_bytes(lab):
    """Decoding what was encoded gives the text back"""
    tokenizer = lab.module.BPETokenizer()
    for text in ["hello", "hé 🙂", "", *TEXTS]:
        called = lab.calls(f"decode(encode(text)) with text = {describe(text)}")
        causes = {
            "each byte is decoded alone; join the bytes first": "".join(
                bytes([byte]).decode(errors="replace") for byte in text.encode("utf-8")
            ),
            "the spaces at the ends are cut off": text.strip(),
        }
        got = tokenizer.decode(byte_ids(text))
        expect_equal(called, got, text, {c: wrong for c, wrong in causes.items() if wrong != text})


@about("BPETokenizer.train")
def test_first_merge(lab):
    """The first merge is the most frequent pair of neighbours"""
    expect_merges(lab, "see bees", 260, [(104, 104)])
    expect_merges(lab, "xy zxy xy y", 260, [(123, 124)])
    expect_merges(lab, "bananas an", 260, [(100, 113)])


@about("BPETokenizer.train")
def test_words(lab):
    """A word that stands there 5 times counts 5 times, and no pair reaches into the next word"""
    expect_merges(lab, "ab " * 5 + "cd ce cf cg", 260, [(100, 101)])
    expect_merges(lab, "1a 1a 1a 1a xy xy", 260, [(35, 52)])


@about("BPETokenizer.train")
def test_growth(lab):
    """Merge after merge, the tokens grow"""
    expect_merges(lab, "the the them the then he he", 263)
    expect_merges(lab, "abcd abcd abc abc ab ab ab", 262)
    expect_merges(lab, "an an and and and ant banana", 262)
    expect_merges(lab, "in in ing ing thing king sing", 262)


@about("BPETokenizer.train")
def test_stop(lab):
    """Training stops at vocab_size, or where no pair is left"""
    for text, size, merges in [
        (HELP, 259, 0),
        (HELP, 261, 2),
        ("ab ab", 300, 2),
        ("abcd", 1000, 3),
        ("", 300, 0),
        ("a", 300, 0),
        (" a b c", 300, 3),
    ]:
        tokenizer = lab.module.BPETokenizer.train(text, size)
        called = lab.calls(f"BPETokenizer.train({describe(text)}, {size})")
        expect_equal(f"len of {called}.merges", len(tokenizer.merges), merges)
        expect_equal(f"{called}.vocab_size", tokenizer.vocab_size, 259 + merges)
        expect_equal(f"len of {called}.vocab", len(tokenizer.vocab), 259 + merges)


@about("BPETokenizer.train")
def test_ties(lab):
    """Of equally frequent pairs, the one with the smaller ids is merged"""
    expect_merges(lab, HELP, 260, [(104, 111)])
    expect_merges(lab, "zy ax zy ax", 260, [(35, 100)])
    expect_merges(lab, "cabd", 262)
    expect_merges(lab, "abac", 261, [(100, 101), (100, 102)])
    expect_merges(lab, "hgfedcba", 266)
    expect_merges(lab, "dcbabcdadc", 270)


@about("BPETokenizer.train", "BPETokenizer.__init__")
def test_help(lab):
    """The example of the page comes out: el, hel, then hello"""
    expect_merges(lab, HELP, 264, [(104, 111), (107, 259), (35, 260), (111, 114), (260, 262)])
    tokenizer = lab.module.BPETokenizer.train(HELP, 264)
    tokens = [b"el", b"hel", b" hel", b"lo", b"hello"]
    called = lab.calls(f'BPETokenizer.train("{HELP}", 264)')
    expect_equal(f"{called}.vocab[259:]", tokenizer.vocab[259:], tokens)
    expect_equal(f"{called}.vocab_size", tokenizer.vocab_size, 264)
    lab.show("Merges: " + ", ".join(str(token)[1:] for token in tokenizer.vocab[259:]))


@about("BPETokenizer.train")
def test_overlaps(lab):
    """In a row of equal letters, the pairs overlap, and are merged from left to right"""
    expect_merges(lab, "aaa aaaa", 263, [(100, 100), (35, 259), (259, 100), (260, 259)])
    expect_merges(lab, "aaaab bbbb", 270)
    expect_merges(lab, "aaaaaaa ababababa", 280)
    expect_merges(lab, "abcabcabcabcabc aaaaaaaaaaaaab", 290)


@about("BPETokenizer.train")
def test_pieces(lab):
    """Endings such as 's, digits, signs and spaces are words of their own"""
    expect_merges(lab, "it's 12 o'clock, it's 12-12_12!\n\n  it's", 275)
    expect_merges(lab, "x  y  x  y   z\n\n x", 270)
    expect_merges(lab, "dd1dd1dd1dd1 ee,ee,ee,ee,ee", 270)
    expect_merges(lab, "I'll we'll he'll ll' a_b a_b Éé Éé", 275)


@about("BPETokenizer.train")
def test_long_training(lab):
    """Many merges come out right, one after the other"""
    for seed, letters in enumerate(["ab", "abc", "abcdef", "aéb語"]):
        expect_merges(lab, some_text(seed, letters), 259 + 40)
    expect_merges(lab, " ".join(TEXTS) * 2, 259 + 60)


@about("BPETokenizer.train")
def test_train_refusals(lab):
    """train refuses a vocab_size below 259, and what is no text"""
    for size in (258, 3, 0, -1):
        called = lab.calls(f'BPETokenizer.train("abab", {size})')
        attempt = partial(lab.module.BPETokenizer.train, "abab", size)
        expect_refusal(called, attempt, "3 special tokens and 256 bytes are always there")
    for text in (b"abab", ["abab"], None):
        called = lab.calls(f"BPETokenizer.train({text!r}, 300)")
        attempt = partial(lab.module.BPETokenizer.train, text, 300)
        expect_refusal(called, attempt, "this is no str", TypeError)


@about("BPETokenizer.encode")
def test_encode_help(lab):
    """encode repeats the merges, the one that was learned first before all others"""
    tokenizer = lab.module.BPETokenizer(learn(HELP, 264))
    for text, ids in [(HELP, [263, 261, 262, 261, 115]), ("help", [260, 115])]:
        called = lab.calls(f'BPETokenizer.train("{HELP}", 264).encode("{text}")')
        causes = {"the merges are forgotten, only bytes come out": byte_ids(text)}
        expect_ids(called, tokenizer.encode(text), ids, causes)
    lab.show(f'"{HELP}" -> {tokenizer.encode(HELP)}')
    tokenizer = lab.module.BPETokenizer([(101, 102), (100, 101), (259, 102), (259, 103)])
    for text, ids in [("abc", [100, 259]), ("abcd", [100, 262]), ("ab bc", [260, 35, 259])]:
        called = lab.calls(f'encode("{text}") with the merges "bc", "ab", "bcc", "bcd"')
        causes = {"the first pair from the left is taken; take the one learned first": [260, 102]}
        expect_ids(called, tokenizer.encode(text), ids, causes)


@about("BPETokenizer.encode")
def test_encode_many(lab):
    """encode does in each word what training did, in words that it has never seen too"""
    for seed, letters in enumerate(["ab", "abc", "abcdef", "aéb語"]):
        merges = learn(some_text(seed, letters), 259 + 30)
        tokenizer = lab.module.BPETokenizer(merges)
        for text in [
            some_text(seed, letters),
            some_text(seed + 10, letters, words=12, longest=12),
            *["aaaaaaa", "aabbaab.ab'll ab12ab", "  ab  ba\n\nab ", *TEXTS],
        ]:
            causes = {
                "a token reaches from one word into the next; cut with PIECES first": encoded(
                    text, merges, lambda text: [text]
                ),
                "the spaces are lost; cut with PIECES, not with split": encoded(
                    text, merges, str.split
                ),
            }
            expected = encoded(text, merges)
            causes = {cause: wrong for cause, wrong in causes.items() if wrong != expected}
            called = lab.calls(f"encode({describe(text)}) with {len(merges)} merges of {letters}")
            expect_ids(called, tokenizer.encode(text), expected, causes)


@about("BPETokenizer.encode", "BPETokenizer.decode")
def test_round_trip(lab):
    """Any text comes back whole, also one with characters that training never saw"""
    tokenizer = lab.module.BPETokenizer.train(" ".join(TEXTS[:5]) * 2, 300)
    chance = random.Random(6)
    strange = [
        "".join(chr(chance.choice([chance.randrange(0xD800), 0x1F642, 32, 97])) for _ in range(12))
        for _ in range(20)
    ]
    for text in ["", HELP, *TEXTS, *strange]:
        called = lab.calls(f"decode(encode(text)) with text = {describe(text)}")
        expect_equal(called, tokenizer.decode(tokenizer.encode(text)), text)


@about("BPETokenizer.encode")
def test_no_special(lab):
    """A special token never comes out of a text"""
    tokenizer = lab.module.BPETokenizer()
    for text in ["<eos>", "a<pad><unk>", "x <eos> y"]:
        called = lab.calls(f'BPETokenizer().encode("{text}")')
        expect_ids(called, tokenizer.encode(text), byte_ids(text))


@about("BPETokenizer.encode")
def test_encode_again(lab):
    """encode gives a list of its own each time, and refuses what is no text"""
    tokenizer = lab.module.BPETokenizer(learn(HELP, 264))
    for text in ["help", "hello help"]:
        first = tokenizer.encode(text)
        right = encoded(text, tokenizer.merges)
        first.append(7)
        called = lab.calls(f'encode("{text}") again, after the first answer was changed')
        expect_ids(called, tokenizer.encode(text), right)
    for text in (b"hello", ["hello"], None):
        called = lab.calls(f"encode({text!r})")
        attempt = partial(tokenizer.encode, text)
        expect_refusal(called, attempt, "this is no str", TypeError)


@about("BPETokenizer.decode")
def test_decode(lab):
    """A character may be spread over tokens, and what is no character appears as U+FFFD"""
    tokenizer = lab.module.BPETokenizer(learn("éé é", 261))
    for ids, text in [
        ([0, 1, 2], "<pad><unk><eos>"),
        ([107, 2, 108], "h<eos>i"),
        ([198, 172], "é"),
        ([243, 162, 156, 133, 259], "🙂é"),
        ([198], "\ufffd"),
        ([100, 198, 101], "a\ufffdb"),
        ([258, 100, 131], "\ufffda\ufffd"),
        ([260, 100], " éa"),
    ]:
        expect_equal(f"decode({ids})", tokenizer.decode(ids), text)


@about("BPETokenizer.decode")
def test_any_iterable(lab):
    """decode takes any row of ids: a tuple, a generator, numpy's numbers"""
    import numpy

    tokenizer = lab.module.BPETokenizer(learn(HELP, 264))
    ids = [263, 261, 115]
    for kind, row in {
        "a tuple": tuple(ids),
        "a generator": (id for id in ids),
        "an iterator": iter(ids),
        "numpy's int64": numpy.array(ids),
        "numpy's uint16": numpy.array(ids, dtype=numpy.uint16),
    }.items():
        expect_equal(f"decode of {kind} with 263, 261, 115", tokenizer.decode(row), "hello help")
    expect_equal("decode(range(107, 110))", tokenizer.decode(range(107, 110)), "hij")
    expect_equal("decode([])", tokenizer.decode([]), "")


@about("BPETokenizer.decode")
def test_decode_refusal(lab):
    """decode refuses an id that nobody has"""
    tokenizer = lab.module.BPETokenizer(learn(HELP, 264))
    for id in (264, 1000, -1, -264):
        called = lab.calls(f"decode([107, {id}]) with 264 tokens")
        expect_refusal(called, partial(tokenizer.decode, [107, id]), "the ids are 0 to 263")


@about("BPETokenizer.__init__", "BPETokenizer.train")
def test_own(lab):
    """Every tokenizer has merges and a vocabulary of its own"""
    given = learn(HELP, 262)
    first = lab.module.BPETokenizer(given)
    second = lab.module.BPETokenizer.train("abab", 261)
    third = lab.module.BPETokenizer()
    expect_equal("the vocab of a third one, without merges", third.vocab, BYTES)
    expect_equal("the merges of a third one", third.merges, [])
    expect_equal("the merges of the second", second.merges, learn("abab", 261))
    expect_equal("the merges of the first after that", first.merges, learn(HELP, 262))
    expect_equal("the list that was passed in, after that", given, learn(HELP, 262))
    expect_ids("ids of the first after that", first.encode("hel ab"), [260, 35, 100, 101])
    expect_ids("ids of the second", second.encode("hel ab"), [107, 104, 111, 35, 259])
    given.append((100, 101))
    called = lab.calls("the merges of the first, after the list that was passed in has grown")
    likely = {"the tokenizer keeps the caller's own list; make a copy": given}
    expect_equal(called, first.merges, learn(HELP, 262), likely)


@about("BPETokenizer.save", "BPETokenizer.load")
def test_save_and_load(lab):
    """A tokenizer that is saved and loaded is the same one"""
    for path, merges in [
        (lab.folder / "bpe.json", learn(HELP, 264)),
        (str(lab.folder / "empty.json"), []),
    ]:
        lab.calls(f"save(path) and load(path), the path a {type(path).__name__}")
        tokenizer = lab.module.BPETokenizer(merges)
        tokenizer.save(path)
        content = Path(path).read_bytes()
        try:
            content = json.loads(content)
        except ValueError:
            likely = "save writes JSON: json.dump"
            raise Wrong("save(path)", "a JSON file", repr(content[:60]), likely) from None
        expect_type("save(path): what the file holds", content, dict)
        called = lab.calls('save(path): the file\'s "merges"')
        expect_equal(called, content.get("merges"), [list(pair) for pair in merges])
        loaded = lab.module.BPETokenizer.load(path)
        expect_type("load(path)", loaded, lab.module.BPETokenizer)
        causes = {"JSON makes lists of tuples; make tuples again": [list(pair) for pair in merges]}
        expect_equal("load(path).merges", loaded.merges, merges, causes if merges else None)
        expect_equal("load(path).vocab", loaded.vocab, tokenizer.vocab)
        expect_ids(f'load(path).encode("{HELP}")', loaded.encode(HELP), encoded(HELP, merges))
    file = lab.folder / "other.json"
    file.write_text('{"name": "é", "merges": [[104, 111], [107, 259]]}', encoding="utf-8")
    called = lab.calls("load of a file with one key more")
    expect_equal(called, lab.module.BPETokenizer.load(file).merges, [(104, 111), (107, 259)])


@about("BPETokenizer.load")
def test_load_refusals(lab):
    """load refuses a file that holds no merges"""
    for content, why in [
        ("hello", "this is no JSON"),
        ("[[104, 111]]", 'there is no key "merges"'),
        ('{"pairs": [[104, 111]]}', 'there is no key "merges"'),
        ('{"merges": 5}', "5 is no list"),
        ('{"merges": null}', "null is no list"),
        ('{"merges": [104, 111]}', "104 is no pair"),
        ('{"merges": [[104]]}', "[104] is no pair"),
        ('{"merges": [[104, 111, 107]]}', "three ids are no pair"),
        ('{"merges": [["e", "l"]]}', "letters are no ids"),
        ('{"merges": [[104, 259]]}', "259 does not exist before the first merge"),
        ('{"merges": [[104, 111], [260, 104]]}', "260 does not exist before the second merge"),
        ('{"merges": [[-1, 104]]}', "-1 does not exist"),
    ]:
        file = lab.folder / "wrong.json"
        file.write_text(content, encoding="utf-8")
        called = lab.calls(f"BPETokenizer.load of a file that holds {content}")
        expect_refusal(called, partial(lab.module.BPETokenizer.load, file), why)
    file.write_bytes(b"\xff\xfe\x00\x80merges")
    called = lab.calls("BPETokenizer.load of a file of other bytes")
    expect_refusal(called, partial(lab.module.BPETokenizer.load, file), "this is no text")
    called = lab.calls("BPETokenizer.load of a file that is not there")
    attempt = partial(lab.module.BPETokenizer.load, lab.folder / "missing.json")
    expect_refusal(called, attempt, "there is no such file", FileNotFoundError)
