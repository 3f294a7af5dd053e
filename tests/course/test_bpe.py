"""The finished BPE tokenizer equals another one, keeps every text whole, and holds smaller ones."""

import random

import pytest

from scaffolds.reference.bpe import PIECES, BPETokenizer
from tools.benchmark_bpe import LETTERS, hugging_face, learn_simply, lettered, merges_of

TEXTS = {
    "English": "The cat sat on the mat, and the hat of the cat sat on the rat. It's what cats do.",
    "a rhyme": "Peter Piper picked a peck of pickled peppers; a peck of pickled peppers he picked!",
    "German": "Fischers Fritz fischt frische Fische, frische Fische fischt Fischers Fritz im März.",
    "French": "Les chaussettes de l'archiduchesse sont-elles sèches ? Archi-sèches, l'été, là-bas.",
    "Polish": "Stół z powyłamywanymi nogami, a gżegżółka żółta: w Szczebrzeszynie chrząszcz.",
    "Russian": "Шла Саша по шоссе и сосала сушку, и шла, и шла Саша по шоссе домой, домой.",
    "Ukrainian": "Летів горобець через безверхий хлівець, і ніс горобець через хлівець їжу, ґаву.",
    "Greek": "Ο παπάς ο παχύς έφαγε παχιά φακή. Γιατί, παπά παχύ, έφαγες παχιά φακή; Έτσι.",
    "Arabic": "خيط حرير على حيط خليل، وخليل على الحيط، والخيط على حيط خليل، خيط خليل.",
    "Persian": "شش سیخ جیگر سیخی شش هزار، شش سیخ، سیخی شش هزار و شش سیخ جیگر دیگر.",
    "Hebrew": "גנן גידל דגן בגן, דגן גדול גדל בגן, וגנן גדול גידל דגן בגן של הגנן.",
    "Hindi": "कच्चा पापड़ पक्का पापड़, पक्का पापड़ कच्चा पापड़, पापड़ कच्चा और पापड़ पक्का।",
    "Marathi": "काळे राळे गोरे राळे, राळ्यात राळे मिसळले, काळे गोरे राळे, गोरे काळे राळे।",
    "Thai": "ยักษ์ใหญ่ไล่ยักษ์เล็ก ยักษ์เล็กไล่ยักษ์ใหญ่ ยักษ์ใหญ่ไล่ยักษ์เล็ก ใหญ่ใหญ่",
    "Chinese": "四是四,十是十,十四是十四,四十是四十,十四不是四十,四十不是十四。",
    "Japanese": "すもももももももものうち、もももすももももものうち。スモモモモモモモモノウチ。",
    "Korean": "간장 공장 공장장은 강 공장장이고 된장 공장 공장장은 장 공장장이다, 공장 공장장.",
    "signs": "🙂🙂👍🏽 👨‍👩‍👧 🙂👍🏽🙂 x̂ŷẑ x̂ŷ ½ ² ² ½ ⅓ — – … “ ” « » ‹ › € £ ¥ € £",
    "code": "def f(a_1, b_2):\n    return a_1 + b_2  # 3.14\n\n\nf(1, 2)\tf(10, 20)\r\n  f(10)",
    "one letter": "aaa aaaa aaaaa a aa aaaaaa aaaaaaaaaa aaaaaaaaaaaaaaa aaaaaaaaa aaaa aaa aa a",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_equal_to_tokenizers(text):
    """Merge by merge and id by id the same as Hugging Face's, where counts are equal too."""
    pytest.importorskip("tokenizers", reason="the twin is missing: pip install tokenizers")
    words = list(map(lettered, PIECES.findall(text)))
    ours, theirs = BPETokenizer.train(text, 400), hugging_face(words, 400, LETTERS)
    assert ours.merges == merges_of(theirs) and len(ours.merges) > 10
    assert ours.encode(text) == [id for word in words for id in theirs.encode(word).ids]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_equal_to_the_simple_way(text):
    """Counting only where a pair stands gives the merges that counting everything gives."""
    merges = BPETokenizer.train(text, 400).merges
    assert merges == learn_simply(text, len(merges))


def test_any_text_comes_back_whole():
    """Random characters of all of Unicode come back as they were."""
    tokenizer = BPETokenizer.train(" ".join(TEXTS.values()), 800)
    chance = random.Random(6)
    planes = [range(0x80), range(0xD800), range(0xE000, 0x110000)]
    for _ in range(2000):
        points = [chance.choice(chance.choice(planes)) for _ in range(chance.randrange(20))]
        text = "".join(map(chr, points))
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_every_smaller_vocabulary():
    """The first merges of a training are what a training to a smaller vocabulary gives."""
    text = " ".join(TEXTS.values())
    whole = BPETokenizer.train(text, 500)
    for size in (259, 260, 300, 499):
        small = BPETokenizer.train(text, size)
        assert small.merges == whole.merges[: size - 259]
        assert small.vocab == whole.vocab[:size]


def test_pieces_cut_without_loss():
    """The words of any text, joined, are the text."""
    for text in [*TEXTS.values(), "'s 's'll  'S \n\n x\t\u3000\u00a0_ __a1_\x1c\x85"]:
        assert "".join(PIECES.findall(text)) == text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("hello", "must be JSON"),
        ('{"merges": {}}', "must be JSON"),
        ('{"merges": [[104, 259]]}', r"must join ids below 259, got \(104, 259\)"),
        ('{"merges": [[true, 4]]}', "must join ids below 259"),
    ],
)
def test_load_says_what_is_wrong(tmp_path, content, says):
    """A file that holds no merges is refused with its name and the reason."""
    file = tmp_path / "merges.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=f"merges.json.*{says}"):
        BPETokenizer.load(file)


def test_refusals_are_sentences():
    """What is passed in wrongly is named, with the value that was seen."""
    with pytest.raises(ValueError, match="vocab_size must be at least 259, got 258"):
        BPETokenizer.train("abc", 258)
    with pytest.raises(TypeError, match="text must be a string, got bytes"):
        BPETokenizer.train(b"abc", 300)
    with pytest.raises(ValueError, match="id must be 0 to 258, got -1"):
        BPETokenizer().decode([-1])
