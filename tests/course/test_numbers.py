"""The numbers in docs/ come out when the finished code runs, and the pictures can be made again."""

import contextlib
import importlib.util
import inspect
import io
import math
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mini_gpt import loops  # noqa: E402
from mini_gpt.story import SEED, STORY, TRAINING_TEXT  # noqa: E402
from scaffolds.reference.sampler import generate, generate_words  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import save_checkpoint, train  # noqa: E402
from scaffolds.reference.transformer import MiniGPT, causal_attention  # noqa: E402

WINDOW = 64
LOOPS = [loop.stem for loop in loops.LOOPS if loop.is_core]


def page(stem):
    """Return a page as one line, so that line breaks do not matter."""
    return " ".join((ROOT / "docs" / f"{stem}.md").read_text(encoding="utf-8").split())


def number(stem, pattern):
    """Return the number that a page gives at a place."""
    found = re.search(pattern, page(stem))
    assert found, f"docs/{stem}.md has no {pattern}"
    return float(found[1].replace(",", ""))


@pytest.fixture(scope="module")
def story():
    """Train on the story once, as the check of loop 3 does: model, tokenizer, losses."""
    tokenizer = CharTokenizer(STORY)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the checks; more threads make so small a model no faster
    torch.manual_seed(SEED)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    losses = train(model, ids, steps=100, seed=SEED)
    torch.set_num_threads(threads)
    return model.eval(), tokenizer, losses


@pytest.fixture(scope="module")
def pictures():
    """Load tools/pictures.py, if matplotlib is there."""
    pytest.importorskip("matplotlib")
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "tools" / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def percent(story, prompt, token, temperature=1.0):
    """Return the probability of a token after a prompt, in percent."""
    model, tokenizer, _ = story
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer.encode(prompt)]))[0, -1]
    return 100 * float(torch.softmax(logits / temperature, dim=-1)[tokenizer.vocab.index(token)])


def test_story_numbers():
    """Pages 1, 3 and 4 count the characters and words of the story rightly."""
    assert f"has {len(STORY)} characters. Only {len(set(STORY))} of them" in page("01_tokenizer")
    first = Counter(word[0] for word in STORY.split())
    assert first.total() == 10 and len(first) == 7
    assert first["o"] == first["u"] == first["h"] == 2
    assert (STORY.count("o"), STORY.count("on"), STORY.count("w")) == (6, 3, 1)
    words = [word for word in STORY.split() if "n" in word]
    assert words == ["hen", "once", "upon", "pond"]


def test_training_settings():
    """Page 3 names the sizes and the learning rate that train really uses."""
    default = {name: p.default for name, p in inspect.signature(train).parameters.items()}
    assert default["batch_size"] * default["block_size"] == 2048
    assert default["block_size"] == WINDOW
    assert number("03_training", r"learning rate\*, here ([\d.]+)\. ") == default["learning_rate"]


def test_loss(story):
    """The loss starts and ends where page 3 says, and falls by as much."""
    start, end = story[2][0], story[2][-1]
    assert f"its loss has fallen from {start:.2f} to {end:.2f}" in page("03_training")
    assert f"ln 16 = {math.log(16):.2f}. Ours starts at {start:.2f}" in page("03_training")
    fallen = number("03_training", r"The loss has fallen by ([\d.]+) %")
    assert fallen == pytest.approx(100 * (1 - end / start), abs=0.15)
    assert number("03_training", r"-0.03, which is (\d+) %") == round(100 * math.exp(-0.03))


def test_surprise_table():
    """The surprises in the table of page 3 are logarithms of the probabilities."""
    rows = re.findall(r"\| 1/?(\d*) ?(?:\([^)]*\) )?\| (\d\.\d\d) \|", page("03_training"))
    assert [inverse for inverse, _ in rows] == ["", "2", "16", "1000"]
    for inverse, surprise in rows:
        assert surprise == f"{math.log(int(inverse or 1)):.2f}"


def test_floor(story, pictures):
    """The floor is the entropy of the story's windows, counted in two ways; the model is above."""
    floor = sum(n / len(STORY) * math.log(n) for n in Counter(STORY).values()) / WINDOW
    assert pictures.best_loss(WINDOW) == pytest.approx(floor)
    assert f"gives **{floor:.4f}**" in page("03_training")
    assert f"ln 4 = {math.log(STORY.count('n')):.2f} nats" in page("03_training")
    assert min(story[2]) > floor


def test_best_with_little_memory(story, pictures):
    """Who sees one or two characters gets no lower than page 3 says; our model does."""
    one, two = pictures.best_loss(1), pictures.best_loss(2)
    said = f"cannot get below {one:.2f}, and with the last two, not below {two:.2f}"
    assert said in page("03_training")
    for line, pattern in {
        one: r"first line after about (\d+)",
        two: r"after about (\d+): from",
    }.items():
        passed = next(step for step, loss in enumerate(story[2], 1) if loss < line)
        assert number("03_training", pattern) == pytest.approx(passed, abs=3)


def test_probabilities(story):
    """The trained model is as sure, and as torn, as page 3 says."""
    check = number("03_training", r"with `d`, with a probability of ([\d.]+) %")
    sure = number("03_training", r"a space, and our model gives it ([\d.]+) %")
    torn = number("03_training", r"it gives `n` only ([\d.]+) %")
    assert check == pytest.approx(percent(story, "hello worl", "d"), abs=0.1)
    assert sure == pytest.approx(percent(story, "red hen", " "), abs=0.1)
    assert torn == pytest.approx(percent(story, "o", "n"), abs=2)


def test_temperatures(story):
    """The bars in the picture of page 4 are as high as its caption says."""
    bars = r"`o` has (\d+) %, at 1 it has (\d+) %, at 2 only (\d+) %"
    said = re.search(bars, page("04_generation")).groups()
    for height, temperature in zip(said, (0.5, 1.0, 2.0), strict=True):
        assert float(height) == pytest.approx(percent(story, " ", "o", temperature), abs=1)
    rest = 100 - sum(percent(story, " ", letter, 2.0) for letter in "hcuwopr")
    assert number("04_generation", r"gets (\d+) % together") == pytest.approx(rest, abs=1)


def test_hello(story):
    """What our model says after Hello is what page 4 says."""
    generator = torch.Generator().manual_seed(SEED)
    assert f"`{generate_words(*story[:2], 'Hello', generator=generator)}`" in page("04_generation")


def test_babble(story):
    """Our model knows the story as far as its training windows went, as page 4 says."""
    model, tokenizer, _ = story
    ids = generate(model, torch.tensor([tokenizer.encode("once upon")]), 91, temperature=0)
    right = (STORY * 3)[STORY.index("once upon") :][:100]
    wrong = [place for place, new in enumerate(ids[0]) if tokenizer.vocab[new] != right[place]]
    said = number("04_generation", r"without a mistake up to character (\d+)")
    assert wrong[0] == pytest.approx(said, abs=2) and wrong[0] >= WINDOW


def test_attention_head(story, pictures):
    """The head in the picture of page 2 looks back at the w, as the caption says."""
    weights, text = pictures.head_weights(*story[:2]), pictures.ATTENTION_TEXT
    w = text.index("w")
    for row in range(w + 2, w + 6):
        assert int(weights[row].argmax()) == w and weights[row, w] > 0.4, text[row]
    said = number("02_transformer", r"weight ([\d.]+) says that `d`")
    assert said == pytest.approx(float(weights[text.index("d"), w]), abs=0.1)


@pytest.fixture
def folder(story, tmp_path, monkeypatch):
    """Go to an empty folder with the trained model in it."""
    from mini_gpt.trainer import save_checkpoint  # the learner's own, which will load it

    save_checkpoint(tmp_path / "model.pt", *story[:2])
    monkeypatch.chdir(tmp_path)


def questions(path, heading):
    """Return the lines under each question below a heading of a page, and its answer."""
    text = (ROOT / path).read_text(encoding="utf-8").split(heading)[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```\n\n<details>.*?```text\n(.*?)```", text, re.DOTALL)


def printed(code):
    """Run lines, and return what they print."""
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        exec(code, {})
    return heard.getvalue()


@pytest.mark.parametrize("stem", LOOPS)
def test_answers(folder, stem):
    """The lines under each question print what its answer says."""
    asked = questions(f"docs/{stem}.md", "## Predict first, then run\n")
    assert len(asked) == 3
    for code, answer in asked:
        assert printed(code) == answer


@pytest.mark.parametrize("stem", LOOPS)
def test_answers_of_the_recipes(folder, stem):
    """The lines under a recipe's PREDICT print what the folded answer says."""
    asked = questions(f"recipes/{stem}.md", "## Your PREDICT line\n")
    assert asked
    for code, answer in asked:
        assert printed(code) == answer


def test_pictures(story, pictures, tmp_path):
    """All four pictures can be made, the pages show them, and none is heavy."""
    made = pictures.make_all(tmp_path / "images", story)
    assert [path.name[:2] for path in made] == ["01", "02", "03", "04"]
    for path in made:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert f"(images/{path.name})" in page(path.stem)
        assert (ROOT / "docs" / "images" / path.name).stat().st_size < 150_000


def pieces(stem):
    """Return the examples with >>> above a page's table of pieces, and its rows: code, result."""
    text = (ROOT / "docs" / f"{stem}.md").read_text(encoding="utf-8")
    before, _, after = text.split("## The pieces of ")[1].partition("\n| piece |")
    table = after.split("\n\n")[0]
    rows = re.findall(r"^\| .* \| `([^|]+)` \| `([^|]+)` \|$", table, re.MULTILINE)
    assert len(rows) == table.count("\n") - 1 >= 12
    return "\n".join(re.findall(r"^(?:>>>|\.\.\.) ?(.*)$", before, re.MULTILINE)), rows


def see(line, names):
    """Run a line as Python's prompt does. Return what it shows, or the last line of an error."""
    shown = io.StringIO()
    try:
        with contextlib.redirect_stdout(shown):
            exec(compile(line, "<page>", "single"), names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return " ".join(shown.getvalue().split())


@pytest.mark.parametrize("stem", LOOPS)
def test_pieces(stem, tmp_path, monkeypatch):
    """Each row of a table of pieces, typed one after the other, shows what the page says."""
    monkeypatch.chdir(tmp_path)
    start, rows = pieces(stem)
    names = {}
    exec(start, names)
    for line, result in rows:
        assert see(line, names) == result, line
    assert not list(tmp_path.iterdir()), "the examples leave a file behind"


def refused(action):
    """Return the message with which PyTorch refuses an action."""
    with pytest.raises(Exception) as caught:
        action()
    return str(caught.value)


def test_messages_are_pytorchs_own(tmp_path):
    """What troubleshooting quotes is what PyTorch says, and the cause is the one that it names."""
    model, file = MiniGPT(vocab_size=16), tmp_path / "model.pt"
    torch.save({"model": model}, file)
    messages = [
        refused(lambda: model(torch.tensor([[16]]))),
        refused(lambda: nn.Linear(16, 64)(torch.ones(10, 64))),
        refused(lambda: model.token_embedding(torch.ones(2))),
        refused(lambda: cross_entropy(torch.ones(2, 4), torch.ones(2))),
        refused(lambda: torch.load(file, weights_only=True)),
    ]
    parts = r"index out|mat1|Expected tensor|expected target|Weights only"
    quotes = re.findall(rf"`((?:{parts})[^`]+)`", page("troubleshooting"))
    for message in messages:
        assert any(message.startswith(quote) for quote in quotes), message


def test_lines_of_the_skeleton():
    """The pages that show what is still to write name the lines of the skeleton."""
    skeleton = ROOT / "scaffolds" / "01_tokenizer_skeleton.py"
    lines = skeleton.read_text(encoding="utf-8").splitlines()
    shown = r"not written yet: (\S+) +mini_gpt/tokenizer.py:(\d+)"
    for path in ("docs/troubleshooting.md", "scaffolds/README.md"):
        name, line = re.search(shown, (ROOT / path).read_text(encoding="utf-8")).groups()
        assert f"write {name} in" in lines[int(line) - 1], path


def test_python_reads_a_module_once(tmp_path, monkeypatch):
    """An import after an edit brings the old code, as the warm-up says."""
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "edited_later.py"
    module.write_text("answer = 1\n", encoding="utf-8")
    names = {}
    exec("from edited_later import answer", names)
    module.write_text("answer = 22\n", encoding="utf-8")
    exec("from edited_later import answer", names)
    assert names["answer"] == 1
    assert "even if you type the `import` again" in page("00_warm_up")


def test_arithmetic_of_the_warm_up():
    """What the warm-up calculates with a pencil is right, and so are its parameters."""
    assert f"1 x 5 + 2 x 7 = {1 * 5 + 2 * 7}." in page("00_warm_up")
    assert f"2 + 0.05 x 18 = {2 + 0.05 * 18:.1f}." in page("00_warm_up")
    count = sum(parameter.numel() for parameter in MiniGPT(vocab_size=16).parameters())
    assert f"with {count:,} parameters in place of one" in page("00_warm_up")


def reached(token, split, join):
    """Return which of six outputs move with a token, for a way to split and to join two heads."""
    rows = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
    changed = rows.clone()
    changed[token] += 1
    heads = [split(x[None]) for x in (rows, changed)]
    before, after = (join(causal_attention(x, x, x)[0]).reshape(6, 8) for x in heads)
    moved = (before - after).abs().amax(dim=1) > 1e-6
    return moved.nonzero().flatten().tolist()


def test_where_the_heads_leak():
    """A bare view leaks where the heads are split or joined; at both places it hides the past."""

    def split(x):
        return x.view(1, 6, 2, 4).transpose(1, 2)

    def bare_split(x):
        return x.view(1, 2, 6, 4)

    def join(x):
        return x.transpose(1, 2)

    def bare_join(x):
        return x

    assert reached(4, split, join) == [4, 5]
    assert min(reached(4, bare_split, join)) < 4 and min(reached(4, split, bare_join)) < 4
    assert reached(2, split, join) == [2, 3, 4, 5]
    assert reached(2, bare_split, bare_join) == [2]


def test_what_a_checkpoint_holds(story, tmp_path):
    """The table of page 3 lists what stands in a file that the reference saved, and no more."""
    save_checkpoint(tmp_path / "model.pt", *story[:2])
    held = torch.load(tmp_path / "model.pt", weights_only=True)
    text = page("03_training").split("**What does the checkpoint hold?**")[1].split("**Where do")[0]
    assert set(re.findall(r"\| `(\w+)` \|", text)) == set(held)
    assert f"`version` | {held['version']} |" in text


def test_gibberish():
    """A loss of 1.5 means what page 3 says, for one character and for five."""
    right = math.exp(-1.5)
    assert f"-1.5 is {right:.2f}, so the right character gets about {right:.0%}".replace(
        "%", " %"
    ) in page("03_training")
    assert number("03_training", r"about ([\d.]+) %\. Other words") == pytest.approx(
        100 * right**5, abs=0.006
    )
