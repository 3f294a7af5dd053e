"""python -m mini_gpt look: what it says of a head is true, and what cannot be done is said."""

import json
import re
import sys

import pytest
import torch

from mini_gpt.__main__ import main
from mini_gpt.paths import ROOT
from mini_gpt.story import SEED, STORY
from mini_gpt.support.looking import ablation, folder, in_text, page, roles, sample
from mini_gpt.support.looking.captions import Caption, caption, judge
from mini_gpt.support.looking.command import before_after
from mini_gpt.support.looking.listening import listen, untrained
from mini_gpt.support.looking.reading import read
from mini_gpt.support.refusal import Refusal
from scaffolds.reference import transformer
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import save_checkpoint
from scaffolds.reference.transformer import MiniGPT
from tools import built_heads

SIZES = {"n_embd": 16, "n_head": 2, "n_layer": 2, "block_size": 64}
PAGE = ROOT / "docs" / "07_attention_visualization.md"


@pytest.fixture
def model():
    """A small model whose heads look sharply somewhere, and its tokenizer."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(5)
    model = MiniGPT(tokenizer.vocab_size, **SIZES).eval()
    with torch.no_grad():
        for block in model.blocks:
            block.attention.qkv.weight.mul_(4)
    return model, tokenizer


@pytest.fixture
def saved(model, tmp_path):
    """The same in a file, as the learner has it."""
    save_checkpoint(tmp_path / "model.pt", *model)
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


def named(role, tokens):
    """Write down the places that a role names: a list for each token."""
    return [row.nonzero().flatten().tolist() for row in role(list(tokens))]


def test_roles_by_hand():
    """Each role names the places that its sentence says."""
    assert named(roles.back(0), "abc") == [[0], [1], [2]]
    assert named(roles.back(1), "abc") == [[], [0], [1]]
    assert named(roles.back(2), "abcd") == [[], [], [0], [1]]
    assert named(roles.start, "abc") == [[0], [0], [0]]
    assert named(roles.word_start, "ab cd. e") == [[], [0], [], [], [3], [], [], []]
    assert named(roles.last_space, "a b\nc ") == [[], [], [1], [1], [3], [3]]
    assert named(roles.last_same, "abaa") == [[], [], [0], [2]]
    assert named(roles.after_same, "abaa") == [[], [], [1], []]
    assert named(roles.every("a"), "baab") == [[], [1], [1, 2], [1, 2]]


def test_score_by_hand():
    """The score is 1 for always, 0 for an even guess, and what the formula says in between."""
    tokens = list("abcdefghij")
    before = roles.Role("looks at the character before", roles.back(1))
    always = roles.back(1)(tokens).float()
    always[0, 0] = 1
    even = torch.ones(10, 10).tril() / torch.arange(1, 11)[:, None]
    heads = torch.stack([always, even, (always + even) / 2])
    assert roles.score([heads], [tokens], before).tolist() == pytest.approx([1, 0, 0.5], abs=1e-6)
    assert roles.evenness([heads])[1] == pytest.approx(1)
    # Row t gives its all to one place and should give 1 / (t + 1): all but that must be moved.
    assert roles.evenness([heads])[0] == pytest.approx(0, abs=1e-6)
    assert roles.score([heads[:, :5, :5]], [tokens[:5]], before).isnan().all()  # 4 are too few


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


def test_too_alike_is_no_role():
    """Where the texts cannot tell two roles apart, none is claimed."""
    tokens = list("abababababab")  # the same letter always stands two before
    two_back = roles.back(2)(tokens).float()
    two_back[:2, 0] = 1
    ((said, nearest, score),) = judge([two_back[None]], [tokens])
    assert said == roles.NO_ROLE and score == 1 and "two" in nearest


def test_wider_role_is_no_rival():
    """A head that looks at the last space looks at spaces, too: the narrower role is its own."""
    tokens = list("ab cd ef gh ij kl ")
    last = roles.last_space(tokens).float()
    last[:3, 0] = 1
    ((said, _, score),) = judge([last[None]], [tokens])
    assert said == "looks at the last space" and score == 1


def test_built_heads_are_found():
    """At least 95 of 100 heads that were built to have a role are named right."""
    found = built_heads.judge_all(seed=1, samples=3)
    right = [said == name for _, name, said, _ in found]
    assert len(right) == 30 and sum(right) >= 0.95 * len(right)
    assert len({name for _, name, _, _ in found}) >= 8  # of many kinds
    built, named = re.search(
        r"^\| all \| (\d+) \| (\d+) \|", PAGE.read_text("utf-8"), re.M
    ).groups()
    assert int(built) == 100 and int(named) >= 95


def test_head_is_silent(model):
    """Without a head, what the layer mixes has zeros in its place. Afterwards all is as before."""
    model, tokenizer = model
    ids = torch.tensor([tokenizer.encode("hello world")])
    heard, true = [], transformer.causal_attention
    hooks = [
        block.attention.output.register_forward_pre_hook(lambda _, given: heard.append(given[0]))
        for block in model.blocks
    ]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        whole = model(ids)
        with ablation.without(model, 1, 0):
            model(ids)
    assert heard[3][..., :8].abs().max() == 0 < heard[3][..., 8:].abs().min()
    assert torch.equal(heard[2], heard[0])  # the first layer is as it was
    for hook in hooks:
        hook.remove()
    assert transformer.causal_attention is true
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(model(ids), whole)


def test_name_comes_back_after_an_error(model):
    """An error while a head is off leaves the true function in its place."""
    true = transformer.causal_attention
    with pytest.raises(IndexError), ablation.without(model[0], 0, 7):
        model[0](torch.tensor([[3, 4]]))
    assert transformer.causal_attention is true


def test_rise_is_the_loss_without_it(model):
    """What a caption says a head is worth is what is lost when its part of output is zero."""
    model, tokenizer = model
    chosen = sample.story(model, tokenizer)
    captions, whole = caption(model, chosen)
    with torch.no_grad():
        model.blocks[0].attention.output.weight[:, 8:] = 0  # layer 1, head 2, silenced by hand
        expected = ablation.loss(model, chosen.windows)
    assert captions[1].name == "layer 1, head 2"
    assert captions[1].loss == pytest.approx(expected, abs=1e-5)
    assert captions[1].rise == pytest.approx(expected - whole, abs=1e-5) and expected != whole


def test_untrained_is_where_it_began():
    """The untrained model has the numbers of the start; random numbers go on as they were."""
    torch.manual_seed(11)
    began = MiniGPT(16, **SIZES)
    state = torch.get_rng_state()
    again = untrained(began, 11)
    assert all(torch.equal(a, b) for a, b in zip(began.parameters(), again.parameters()))
    assert torch.equal(torch.get_rng_state(), state)


def test_page_holds_the_shares(model):
    """The page needs nothing from outside, and its numbers are the hook's, to a millionth."""
    model, tokenizer = model
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


def test_deaf_model(monkeypatch, model):
    """A model that calculates its attention without causal_attention cannot be looked at."""
    model, _ = model
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
