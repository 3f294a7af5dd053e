"""python -m mini_gpt look: what it writes is true, and what cannot be done is said."""

import json
import re
import sys

import pytest
import torch

from mini_gpt.__main__ import main
from mini_gpt.paths import ROOT
from mini_gpt.story import SEED, STORY
from mini_gpt.support.looking import folder, in_text, page, roles, sample
from mini_gpt.support.looking.captions import Caption, caption
from mini_gpt.support.looking.command import before_after
from mini_gpt.support.looking.listening import listen, untrained
from mini_gpt.support.looking.reading import read
from mini_gpt.support.refusal import Refusal
from scaffolds.reference.bpe import BPETokenizer
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import save_checkpoint
from scaffolds.reference.transformer import MiniGPT
from tests.support.models import SIZES, save

PAGE = ROOT / "docs" / "07_attention_visualization.md"


@pytest.fixture
def saved(sharp, tmp_path):
    """The same in a file, as the learner has it."""
    save_checkpoint(tmp_path / "model.pt", *sharp)
    return tmp_path / "model.pt"


@pytest.fixture
def no_matplotlib(monkeypatch):
    """As if it had never been installed."""
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def look(saved, *arguments):
    """Run the command on a model."""
    return main(["look", *map(str, arguments), "--model", str(saved)])


def test_dark_column():
    """A column is dark if it gets 30 % and twice an even share from those behind it."""
    weights = torch.eye(8)
    weights[3:, 3], weights[4:, 4] = 0.5, 0.2
    assert in_text.dark_column(weights, list("abc efgh")) == "␣ 50%"
    weights[3:, 3] = 0.29
    assert in_text.dark_column(weights, list("abc efgh")) == "-"
    even = torch.ones(8, 8).tril() / torch.arange(1, 9)[:, None]
    assert in_text.dark_column(even, list("abc efgh")) == "-"  # the first gets 25 % in any case
    assert in_text.dark_column(torch.ones(2, 2), ["a", "b"]) == "-"


def test_page_holds_the_shares(sharp):
    """The page needs nothing from outside, and its numbers are the hook's, to a millionth."""
    model, tokenizer = sharp
    text = "hello world. once <unk</script>"
    reading = read(text, model, tokenizer, None, None)
    maps = listen(model, reading.ids)
    captions, _ = caption(model, sample.story(model, tokenizer))
    html = page.make(maps, [*text], captions)
    assert not re.search(r"https?://|<link|\bsrc=|@import|url\(", html)
    assert "default-src 'none'" in html and html.count("</script>") == 2
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', html)[1])
    assert data["tokens"] == [*text] and len(data["heads"]) == 4
    for head, weights in zip(data["heads"], torch.cat(maps)):
        for place, row in enumerate(head["rows"]):
            assert len(row) == place + 1
            assert row == pytest.approx((weights[place, : place + 1] * 1e6).tolist(), abs=0.9)


def test_largest_page_of_the_course():
    """51 characters and the model of loop 2 make a page far below 500 KB."""
    ones = [Caption(n // 4 + 1, n % 4 + 1, "", "", 0.0, 0.0, 0.0) for n in range(8)]
    maps = [torch.full((4, 51, 51), 0.123456) for _ in range(2)]
    assert len(page.make(maps, ["w"] * 51, ones).encode()) < page.MOST_BYTES / 3


@pytest.mark.slow
def test_all_is_written(tmp_path, capsys):
    """The pictures, the page and the text are there, and the text says what was printed."""
    pytest.importorskip("matplotlib")
    saved, out = tmp_path / "model.pt", tmp_path / "out"
    save_checkpoint(saved, MiniGPT(16, **SIZES | {"n_layer": 1}), CharTokenizer(STORY))
    assert look(saved, "hello", "--folder", out, "--head", 2) == 0
    said = capsys.readouterr().out
    names = {"look.txt", "look.html"}
    names |= {f"{n}.{e}" for n in ("maps", "head", "before_after") for e in ("png", "svg")}
    assert {path.name for path in out.iterdir()} == names
    assert all(path.stat().st_size > 500 for path in out.iterdir())
    assert (out / "look.txt").read_text(encoding="utf-8").strip() in said
    assert "Layer 1, head 2" in said and "the story (51 pieces of 64, loss " in said


@pytest.mark.slow
def test_tokens_longer_than_a_character(tmp_path, capsys):
    """A model of pairs is told about in tokens, on the terminal and on the page."""
    pairs = BPETokenizer.train("red hen curled up. hello world. once upon our pond " * 3, 290)
    saved, out = save(tmp_path / "pairs.pt", pairs, 64), tmp_path / "out"
    assert look(saved, "hello world.", "--folder", out) == 0
    said = capsys.readouterr().out + (out / "look.html").read_text(encoding="utf-8")
    assert "where its token looks" in said and "Point at a token" in said
    assert "character" not in said.lower()


def test_before_and_after_of_one_layer():
    """Of a model with many heads, before and after are drawn of one layer, under its own name."""
    pytest.importorskip("matplotlib")
    maps = [torch.eye(3).expand(6, 3, 3)] * 3
    titles = [axes.get_title() for axes in before_after(maps, maps, list("abc"), 3).axes]
    assert (
        "layer 3, head 6\nbefore training" in titles and "layer 3, head 6\nafter training" in titles
    )
    assert sum("training" in title for title in titles) == 12


def test_without_matplotlib(saved, tmp_path, capsys, no_matplotlib):
    """Without matplotlib there are text and page, and a sentence that says what is missing."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "look.txt").write_text("mine", encoding="utf-8")
    assert look(saved, "hello world", "--folder", out) == 0
    said = capsys.readouterr().out
    assert "matplotlib is missing: pip install matplotlib" in said
    other = tmp_path / "out-2"
    assert {path.name for path in other.iterdir()} == {"look.txt", "look.html"}
    assert (out / "look.txt").read_text(encoding="utf-8") == "mine"


def test_part_of_a_long_text(saved, tmp_path, capsys, no_matplotlib):
    """A part is shown of what the model reads as a whole."""
    text = STORY + "red hen"
    assert look(saved, text, "--from", 41, "--to", 58, "--folder", tmp_path / "out") == 0
    html = (tmp_path / "out" / "look.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', html)[1])
    assert "".join(data["tokens"]) == text[40:58]
    assert sum(data["heads"][0]["rows"][0]) < 999_000  # the rest went to characters before
    assert "Text: " + text[40:58] in capsys.readouterr().out


REFUSED = {
    "empty": ([""], 'must hold at least 1 character, got 0: try "hello world"'),
    "unknown": (["XYZ!"], "The model knows no character of this text. It knows these"),
    "too long to read": ([STORY * 2], r"102 characters .* reads at most 64 .* add --to 64"),
    "too long to show": ([STORY + "red"], r"A map of 54 .* 51 is the most.* --from 1 --to 51"),
    "no such part": (["hello", "--to", 9], "--to must be 1 to 5, the length of the text, got 9"),
    "backwards": (["hello", "--from", 4, "--to", 2], "--from must not be behind --to, got 4 and 2"),
    "no such head": (["hello", "--head", 3], "--head 1 to 2, got 1 and 3"),
    "layer 0": (["hello", "--layer", 0], "--layer must be 1 to 2 .* got 0 and 1"),
    "no such file": (["hello", "--on", "nowhere.txt"], "There is no file nowhere.txt"),
}


@pytest.mark.parametrize("arguments, message", REFUSED.values(), ids=REFUSED)
def test_refusals(saved, tmp_path, capsys, arguments, message):
    """What cannot be done is said in one line, and nothing is written."""
    assert look(saved, *arguments, "--folder", tmp_path / "out") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(message, line) and not (tmp_path / "out").exists()


def test_unknown_characters_are_named(saved, tmp_path, capsys, no_matplotlib):
    """A text that the model knows in part is read, and what it does not know is said."""
    assert look(saved, "Hello World", "--folder", tmp_path / "out") == 0
    assert "does not know H W and reads <unk> there" in capsys.readouterr().out


def test_deaf_model(monkeypatch, sharp):
    """A model that calculates its attention without causal_attention cannot be looked at."""
    model, _ = sharp
    monkeypatch.setattr(type(model), "forward", lambda self, ids: self.token_embedding(ids))
    with pytest.raises(Refusal, match="never did. A model that can be looked at calls"):
        listen(model, torch.tensor([[3, 4]]))


def test_model_of_another_text(tmp_path, capsys, no_matplotlib):
    """A model that does not know the story is measured on what is typed, or on a file."""
    tokenizer = CharTokenizer("abcdefgh ")
    save_checkpoint(tmp_path / "model.pt", MiniGPT(tokenizer.vocab_size, **SIZES), tokenizer)
    assert look(tmp_path / "model.pt", "abc", "--folder", tmp_path / "out") == 0
    assert "your text alone (one piece of 2, loss" in capsys.readouterr().out
    (tmp_path / "a.txt").write_text("abc fed gah " * 20, encoding="utf-8")
    given = ["--on", tmp_path / "a.txt", "--folder", tmp_path / "out"]
    assert look(tmp_path / "model.pt", "abc", *given) == 0
    assert "measured on a.txt (51 pieces of 64, loss" in capsys.readouterr().out


def test_model_of_a_book(tmp_path, capsys, no_matplotlib):
    """A model of a book is measured on what it has not seen of it. Another file is not its book."""
    (tmp_path / "a.txt").write_text("red hen curled up. " * 40, encoding="utf-8")
    sizes = "--n-embd 8 --n-head 2 --n-layer 1 --block-size 16 --batch-size 2 --device cpu".split()
    book = tmp_path / "book"
    assert (
        main(["train", str(tmp_path / "a.txt"), "--steps", "2", "--folder", str(book), *sizes]) == 0
    )
    assert look(book / "checkpoint.pt", "red hen", "--folder", tmp_path / "out") == 0
    assert "measured on unseen text of its book (51 pieces of 16" in capsys.readouterr().out
    save_checkpoint(book / "model.pt", MiniGPT(16, **SIZES), CharTokenizer(STORY))
    assert look(book / "model.pt", "red hen", "--folder", tmp_path / "out") == 0
    assert "measured on the story" in capsys.readouterr().out


def test_old_terminal():
    """Where a terminal cannot show the sign for a space, a line stands there."""
    assert in_text.printable("a␣b", "cp1252") == "a_b"
    assert in_text.printable("a␣b", "utf-8") == "a␣b"


def test_folder_names():
    """A folder is named after the text, whatever it is made of."""
    assert folder.name_for('Hello, "World"!') == "hello_world"
    assert folder.name_for("../..") == "text"


def numbers(line):
    """Return the numbers in a line. A percentage counts as a share."""
    found = re.findall(r"([+-]?\d[\d.]*)( ?%)?", line)
    return [float(number) / (100 if percent else 1) for number, percent in found]


@pytest.mark.slow
def test_numbers_of_the_page():
    """What the page says of the story model is what is measured: ten steps, and each head."""
    pytest.importorskip("matplotlib")
    from tools import ablate_heads, attention_growth

    said = PAGE.read_text(encoding="utf-8")
    found, (trained, tokenizer) = attention_growth.measure()
    captions, _ = caption(trained, sample.story(trained, tokenizer))
    maps = listen(trained, torch.tensor([tokenizer.encode("hello world")]))
    new, _ = caption(untrained(trained, SEED), sample.story(trained, tokenizer))
    assert {one.role for one in new} == {roles.EVEN}  # as the page says
    assert {one.role for one in captions} == {roles.NO_ROLE}
    tables = [
        attention_growth.table(found),
        ablate_heads.table(trained, tokenizer, captions),
        in_text.table(captions, maps, list("hello world")),
    ]
    for heading, *rows in (table.splitlines() for table in tables):
        told = said.split(heading)[1].splitlines()[1:]
        for row, line in zip(rows, told):
            assert numbers(line) == pytest.approx(numbers(row), rel=0.1, abs=0.015), line
