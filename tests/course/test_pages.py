"""The pages in docs/ hold together: examples run, links lead somewhere, quotes and sums fit."""

import ast
import doctest
import math
import os
import re
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mini_gpt import loops  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

PAGES = sorted((ROOT / "docs").glob("*.md"))
LOOPS = [page for page in PAGES if re.match(r"0[1-4]_", page.name)]
WARM_UP, GLOSSARY = ROOT / "docs" / "00_warm_up.md", ROOT / "docs" / "glossary.md"
LEARNED = [WARM_UP, *LOOPS]
ROWS = {loop.stem: loop for loop in loops.LOOPS}
OWNERS = [torch, nn, nn.Module, torch.Tensor, torch.optim, torch.optim.AdamW, torch.Generator]
OWNERS += [os, Path, str, list, dict]
# A matter of taste in the reference: a learner can do without.
NOT_NEEDED = {"__name__", "as_tensor", "asarray", "bool", "device", "isspace", "rstrip"}
PARTS = [
    "## The idea",
    "## An example to follow with a pencil",
    "## The picture",
    "## Predict first, then run",
    "## What usually goes wrong",
    "## Questions that people ask",
    "## In one sentence",
]


def read(page):
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def blocks(page, language):
    """Return the fenced blocks of a page that are in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)


def anchors(page):
    """Return the places in a page that a link can lead to, one for each heading."""
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def name(page):
    """Name a page in the report of pytest."""
    return page.stem


def test_four_loops_have_a_page():
    """Each of the four loops has its page, and the glossary is there."""
    assert [page.name[:2] for page in LOOPS] == ["01", "02", "03", "04"]
    assert {WARM_UP, GLOSSARY} < set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_run(page):
    """Every example with >>> gives what the page says, on the modules in mini_gpt/."""
    source = "\n".join(block for block in blocks(page, "python") if ">>>" in block)
    test = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    assert page not in LOOPS or len(test.examples) >= 5
    heard = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=heard.append)
    assert result.failed == 0, "".join(heard)


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_parts_in_order(page):
    """A learner finds the same parts in the same order on every page."""
    headings = re.findall(r"^## .*$", read(page), re.MULTILINE)
    assert [heading for heading in headings if heading in PARTS] == PARTS
    assert read(page).startswith(f"# Loop {int(page.name[:2])}: the ")


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_three_questions(page):
    """Three questions, each with something to run and an answer that is folded away."""
    questions = read(page).split("## Predict first, then run")[1].split("\n## ")[0]
    parts = re.split(r"^\*\*\d\.\*\* ", questions, flags=re.MULTILINE)[1:]
    assert len(parts) == 3
    for part in parts:
        assert re.search(r"```python\n.*```\n\n<details><summary>Answer</summary>\n\n", part, re.S)
        assert part.rstrip().endswith("</details>")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    """Every relative link and every image is there, and so is the heading that it leads to."""
    for target in re.findall(r"\]\(([^)]+)\)", read(page)):
        if not re.match(r"https?://", target):
            path, _, anchor = target.partition("#")
            goal = page.parent / path if path else page
            assert goal.exists(), f"{page.name} links to {target}, and it is not there"
            assert not anchor or anchor in anchors(goal), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_name_files_that_exist(page):
    """Every file or module that a command starts or copies is there."""
    text = read(page)
    for path in re.findall(r"\bpython3? ([\w./]+\.py)", text):
        assert (ROOT / path).is_file(), f"{page.name} says python {path}"
    for module in re.findall(r"\bpython3? -m (mini_gpt[\w.]*)", text):
        folder = ROOT / module.replace(".", "/")
        assert (folder / "__main__.py").is_file() or folder.with_suffix(".py").is_file()
    for source, target in re.findall(r"\bcp (\S+\.py) (\S+\.py)", text):
        assert (ROOT / source).is_file(), f"{page.name} copies {source}"
        assert (ROOT / target).parent.is_dir(), f"{page.name} copies to {target}"


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_loop_has_its_three_files(page):
    """The page of a loop leads to its own recipe, skeleton and check."""
    text = read(page)
    for path in ("../recipes/{}.md", "scaffolds/{}_skeleton.py", "checks/{}_test.py"):
        assert path.format(page.stem) in text


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_minutes_are_for_the_recipe(page):
    """Whoever writes a loop by hand is told that this takes longer than the page promises."""
    text, minutes = " ".join(read(page).split()), ROWS[page.stem].minutes
    assert re.search(r"(\d+) minutes", text)[1] == str(minutes)
    assert f"This takes longer: the {minutes} minutes are meant for the recipe." in text


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_pieces_are_enough(page):
    """Whatever the reference uses of Python and PyTorch stands on its page, or on one before."""
    code = ast.parse(read(ROOT / "scaffolds" / "reference" / f"{ROWS[page.stem].module}.py"))
    words = {node.attr for node in ast.walk(code) if isinstance(node, ast.Attribute)} - NOT_NEEDED
    known = "".join(read(earlier) for earlier in LEARNED[: LEARNED.index(page) + 1])
    for word in words:
        if any(hasattr(owner, word) for owner in OWNERS):
            assert re.search(rf"\b{word}\b", known), f"no page tells of {word}"


@pytest.mark.parametrize("page", LOOPS, ids=name)
def test_quoted_facts_are_the_checks_own(page):
    """What goes wrong is quoted in the words that the check prints."""
    check = read(ROOT / "checks" / f"{page.stem}_test.py")
    quotes = [block for block in blocks(page, "text") if block.startswith("❌")]
    assert 4 <= len(quotes) <= 6
    for quote in quotes:
        title = quote.splitlines()[0].removeprefix("❌ ")
        assert f'"""{title}"""' in check, f"no fact is called: {title}"
        for likely in re.findall(r"^ +likely +(.*)$", quote, re.MULTILINE):
            assert f'"{likely}"' in check, f"the check never says: {likely}"


def test_glossary_is_alphabetical():
    """The glossary can be searched by eye, and says for each word in which loop it appears."""
    text = read(GLOSSARY)
    terms = re.findall(r"^\*\*(.+?)\*\* \([1-5]\): \S", text, re.MULTILINE)
    assert len(terms) == text.count("\n**")
    assert terms == sorted(terms, key=str.lower)


@pytest.mark.parametrize("page", LEARNED, ids=name)
def test_new_words_are_in_the_glossary(page):
    """Every word that a page puts in italics, because it is new, is in the glossary."""
    glossary = read(GLOSSARY).lower()
    prose = re.sub(r"```.*?```", "", read(page), flags=re.DOTALL)
    for word in re.findall(r"(?<!\*)\*([A-Za-z][a-z -]{1,20}?)\.?\*(?!\*)", prose):
        word = word.lower().rstrip("s")
        if word not in ("added", "before", "good", "one block"):
            assert re.search(rf"\*\*[^*]*{word}", glossary), f"{word} is not in the glossary"


@pytest.mark.parametrize("page", [*LEARNED, GLOSSARY], ids=name)
def test_text_is_plain(page):
    """No exclamation marks, and no line that has to be scrolled."""
    prose = re.sub(r"```.*?```|`[^`]*`|!\[", "", read(page), flags=re.DOTALL)
    assert "!" not in prose
    lines = [line for line in read(page).splitlines() if not line.startswith(("|", "!["))]
    assert max(map(len, lines)) <= 120


def one_line(stem):
    """Return a page as one line, so that line breaks do not matter."""
    return " ".join(read(ROOT / "docs" / f"{stem}.md").split())


def count(module):
    """Return how many parameters a module has."""
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_table():
    """Each row of the table on page 2 counts what the part really has."""
    text = one_line("02_transformer")
    model = MiniGPT()
    block = model.blocks[0]
    parts = {
        "token embedding": count(model.token_embedding),
        "position embedding": count(model.position_embedding),
        "block: two layer norms": count(block.norm_1) + count(block.norm_2),
        "block: queries, keys, values": count(block.attention.qkv),
        "block: output of the attention": count(block.attention.output),
        "block: MLP": count(block.mlp),
        "one block": count(block),
        "both blocks": count(model.blocks),
        "last layer norm": count(model.norm),
        "head": count(model.head),
        "all": count(model),
    }
    for name, size in parts.items():
        row = rf"\| \*{{0,2}}{name}\*{{0,2}} \| ([^|]+) \| \*{{0,2}}([\d,]+)\*{{0,2}} \|"
        found = re.search(row, text)
        assert found and found[2] == f"{size:,}", f"{name} has {size:,}"
        sum_on_page = found[1].replace(",", "").replace(" x ", "*")
        assert eval(re.sub(r"[^\d+*() ]", "", sum_on_page)) == size


def test_parameters_in_the_text():
    """The sums in the text of page 2 are those of the model, with 100 and with 16 tokens."""
    text = one_line("02_transformer")
    assert f"made with {count(MiniGPT()):,} numbers" in text
    assert f"and {count(MiniGPT(vocab_size=16)):,} are left" in text


def test_softmax_by_pencil():
    """The arithmetic beside the attention example of page 2 is right."""
    text, e2 = one_line("02_transformer"), math.exp(2)
    assert f"e to the power of 2 is {e2:.2f}" in text
    assert f"the sum is {e2 + 2:.2f}" in text
    assert f"7.39/9.39 = {e2 / (e2 + 2):.2f}" in text
