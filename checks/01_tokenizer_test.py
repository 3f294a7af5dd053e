"""Loop 1, the tokenizer: text becomes ids, and ids become text again."""

import re
import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

from tutor.facts.words import (
    Wrong,
    about,
    describe,
    expect_equal,
    expect_ids,
    expect_refusal,
    expect_type,
)

from mini_gpt.story import STORY, TRAINING_TEXT

SPECIAL = ["<pad>", "<unk>", "<eos>"]
TEXTS = [
    STORY,
    " ends with spaces ",
    "new at the end: z",
    "A and a",
    "z",
    "<eos>",
    "tab\tand\nline",
    "aüß語🙂",
    "a space , before ; each : mark ! ( really ? ) .",
    "two  spaces,   three,\n\ntwo lines",
    "\nlines at both ends\r\n",
    'it\'s "a" half-word, 3.5 _ 1,000',
    "a <unk> in a text is five characters, <pad> and <eos> too",
    "e\u0301 is not \u00e9, \ufb01 is not fi, \u00a0 is no space",
    "unseen: \u200b \ufeff \x00 \u2028 \ufffd",
    "".join(map(chr, range(0x4E00, 0x4E00 + 7400, 37))),
]
LONG = TRAINING_TEXT * 10 + "Z!"
"""A text of 10,202 characters. Its last two are new."""


@about("CharTokenizer.__init__")
def test_vocabulary(lab):
    """The vocabulary is the special tokens, then each new character as it appears"""
    seen = ""
    for text in [STORY, *TEXTS, LONG]:
        seen += text
        called = lab.calls(f"CharTokenizer({describe(text)}).vocab")
        tokenizer = lab.module.CharTokenizer(text)
        if not hasattr(tokenizer, "vocab"):
            raise Wrong(called, "a list of tokens", "the tokenizer has no attribute vocab")
        characters = list(dict.fromkeys(text))
        causes = {
            "the characters are sorted; they should stand as they first appear": SPECIAL
            + sorted(characters),
            "the special tokens are missing": characters,
            "the special tokens stand at the end": characters + SPECIAL,
            "the characters repeat; each should stand once": SPECIAL + list(text),
            "the last character is lost": SPECIAL + list(dict.fromkeys(text[:-1])),
            "the spaces at the ends are cut off": SPECIAL + list(dict.fromkeys(text.strip())),
            "the text is changed to small letters": SPECIAL + list(dict.fromkeys(text.lower())),
            "another tokenizer's characters are there too: they share one list": SPECIAL
            + list(dict.fromkeys(seen)),
        }
        expect_equal(called, tokenizer.vocab, SPECIAL + characters, causes)


@about("CharTokenizer.__init__", "CharTokenizer.vocab_size")
def test_vocab_size(lab):
    """The vocabulary size counts every token, the special ones too"""
    for text in ["abba", "", STORY]:
        tokenizer = lab.module.CharTokenizer(text)
        called = lab.calls(f"CharTokenizer({describe(text)}).vocab_size")
        size = len(tokenizer.vocab)
        if not hasattr(tokenizer, "vocab_size"):
            raise Wrong(called, size, "the tokenizer has no attribute vocab_size")
        if callable(tokenizer.vocab_size):
            likely = "vocab_size is a function; put @property above it, or set it in __init__"
            raise Wrong(called, f"the number {size}", "a function", likely)
        causes = {
            "only the characters are counted, not the three special tokens": size - 3,
            "the length of the text is counted": len(text),
        }
        expect_equal(called, tokenizer.vocab_size, size, causes)
    lab.show(f"Vocab size: {tokenizer.vocab_size} (includes special tokens)")


@about("CharTokenizer.encode")
def test_hello(lab):
    """Each character becomes its id"""
    tokenizer = lab.module.CharTokenizer(STORY)
    ids = tokenizer.encode("hello")
    expect_ids('CharTokenizer(STORY).encode("hello")', ids, [7, 4, 11, 11, 14])
    lab.show(f'"hello" -> {ids}')
    for text in TEXTS:
        tokenizer = lab.module.CharTokenizer(text)
        called = lab.calls(f"CharTokenizer(text).encode(text) with text = {describe(text)}")
        ids = {c: id for id, c in enumerate(tokenizer.vocab)}
        causes = {
            "capitals become small letters": [ids.get(c, 1) for c in text.lower()],
            "the spaces at the ends are cut off": [ids[c] for c in text.strip()],
            "the last character is lost": [ids[c] for c in text[:-1]],
        }
        expect_ids(called, tokenizer.encode(text), [ids[c] for c in text], causes)
    tokenizer = lab.module.CharTokenizer("ab")
    expect_ids('CharTokenizer("ab").encode("")', tokenizer.encode(""), [])
    for text in ["ab", "b", "ab"]:
        called = lab.calls(f'CharTokenizer("ab").encode("{text}"), after other texts')
        expect_ids(called, tokenizer.encode(text), ["ab".index(c) + 3 for c in text])


@about("CharTokenizer.encode")
def test_unknown(lab):
    """A character that it has never seen becomes <unk>, id 1"""
    tokenizer = lab.module.CharTokenizer(STORY)
    for text, ids in {"Hello": [1, 4, 11, 11, 14], "XhYZ": [1, 7, 1, 1], "?z🙂": [1, 1, 1]}.items():
        without = [id for id in ids if id != 1]
        causes = {
            "unknown characters are left out": without,
            "<unk> is id 1; 0 is <pad>": [0 if id == 1 else id for id in ids],
            "the text is changed to small letters": [7, *ids[1:]],
        }
        called = lab.calls(f'CharTokenizer(STORY).encode("{text}")')
        expect_ids(called, tokenizer.encode(text), ids, causes)
    for code in range(0x250):
        if chr(code) not in STORY:
            called = lab.calls(f"CharTokenizer(STORY).encode({chr(code)!r})")
            expect_ids(called, tokenizer.encode(chr(code)), [1])
    lab.calls("encode of a text with many unknown characters")
    expect_equal("vocab_size after that", tokenizer.vocab_size, 16)
    expect_equal("len(vocab) after that", len(tokenizer.vocab), 16)


@about("CharTokenizer.decode")
def test_round_trip(lab):
    """Decoding what was encoded gives the text back"""
    for text in [*TEXTS, ""]:
        tokenizer = lab.module.CharTokenizer(text)
        called = lab.calls(f"decode(encode(text)) with text = {describe(text)}")
        causes = {
            "a space is put between the characters": " ".join(text),
            "the spaces at the ends are cut off": text.strip(),
            "several spaces become one": " ".join(text.split()),
            "the space before a mark is taken away": re.sub(r"\s+([,.:;?_!\"()\'])", r"\1", text),
            "the last character is lost": text[:-1],
        }
        expect_equal(called, tokenizer.decode(tokenizer.encode(text)), text, causes)


@about("CharTokenizer.encode", "CharTokenizer.decode")
def test_long_text(lab):
    """A long text is no different from a short one"""
    for text, length in [(TRAINING_TEXT, "1,020"), (LONG, "10,202")]:
        tokenizer = lab.module.CharTokenizer(text)
        called = lab.calls(f"CharTokenizer(text).encode(text) with a text of {length} characters")
        ids = tokenizer.encode(text)
        expect_ids(called, ids, [tokenizer.vocab.index(c) for c in text])
        called = lab.calls(f"CharTokenizer(text).decode(ids) with {length} ids")
        expect_equal(called, tokenizer.decode(ids), text)


@about("CharTokenizer.decode")
def test_special_tokens(lab):
    """Special tokens are shown by name"""
    tokenizer = lab.module.CharTokenizer(STORY)
    causes = {"the special tokens are left out": "h"}
    called = lab.calls("CharTokenizer(STORY).decode([0, 1, 2, 7])")
    expect_equal(called, tokenizer.decode([0, 1, 2, 7]), "<pad><unk><eos>h", causes)
    called = lab.calls('decode(encode("Hello"))')
    expect_equal(called, tokenizer.decode(tokenizer.encode("Hello")), "<unk>ello")
    called = lab.calls("CharTokenizer(STORY).decode([7, 1, 1, 1, 7, 2, 2, 0, 0, 0])")
    text = "h<unk><unk><unk>h<eos><eos><pad><pad><pad>"
    expect_equal(called, tokenizer.decode([7, 1, 1, 1, 7, 2, 2, 0, 0, 0]), text)


@about("CharTokenizer.decode")
def test_any_iterable(lab):
    """decode takes any row of ids: a tuple, a range, one at a time"""
    tokenizer = lab.module.CharTokenizer("abcdef")
    for kind, ids in {
        "a tuple": (3, 4, 5),
        "a range": range(3, 6),
        "a generator": (id for id in [3, 4, 5]),
        "an iterator": iter([3, 4, 5]),
    }.items():
        expect_equal(f"decode of {kind} with 3, 4, 5", tokenizer.decode(ids), "abc")
    expect_equal("decode([])", tokenizer.decode([]), "")
    ids = [3, 4, 5]
    expect_equal("decode(ids) with ids = [3, 4, 5]", tokenizer.decode(ids), "abc")
    expect_equal("ids after that", ids, [3, 4, 5])


@about("CharTokenizer.decode")
def test_refusal(lab):
    """decode refuses an id that nobody has"""
    tokenizer = lab.module.CharTokenizer("abc")
    for id in (6, 100, -1, -6):
        for ids in ([3, id], [id], [id, 3]):
            called = lab.calls(f'CharTokenizer("abc").decode({ids})')
            expect_refusal(called, lambda ids=ids: tokenizer.decode(ids), "the ids are 0 to 5")
    called = lab.calls('CharTokenizer("abc").decode([5, 4]), after ids that it refused')
    expect_equal(called, tokenizer.decode([5, 4]), "cb")


@about("CharTokenizer.__init__")
def test_own_vocabulary(lab):
    """Every tokenizer has a vocabulary of its own"""
    first = lab.module.CharTokenizer("abc")
    before = list(first.vocab)
    second = lab.module.CharTokenizer("cxyz")
    expect_equal(
        'the vocab of a second one, made from "cxyz"', second.vocab, SPECIAL + list("cxyz")
    )
    expect_equal("the vocab of the first one after that", first.vocab, before)
    expect_equal("its vocab_size after that", first.vocab_size, len(before))
    expect_ids("its ids after that", first.encode("cab"), [5, 3, 4])
    empty = lab.module.CharTokenizer("")
    expect_equal('CharTokenizer("").vocab', empty.vocab, SPECIAL)
    expect_ids('CharTokenizer("").encode("ab")', empty.encode("ab"), [1, 1])


@about("CharTokenizer.__init__")
def test_rebuild(lab):
    """A tokenizer can be rebuilt from its characters alone"""
    tokenizer = lab.module.CharTokenizer(STORY)
    rebuilt = lab.module.CharTokenizer("".join(tokenizer.vocab[3:]))
    expect_type("its vocab", rebuilt.vocab, list)
    expect_equal('CharTokenizer("".join(vocab[3:])).vocab', rebuilt.vocab, tokenizer.vocab)
