"""What the README and the recipes promise is there: commands, links, flags and the file tree."""

import ast
import fnmatch
import re

import pytest

from mini_gpt.loops import LOOPS
from mini_gpt.paths import ROOT
from tools.borrowed import import_line

SCAFFOLDS = ROOT / "scaffolds"
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "recipes").glob("*.md")), SCAFFOLDS / "README.md"]
COMMANDS = [
    "pip install -r requirements.txt && python checks/final_showcase.py",
    "pip install -r requirements.txt pytest && python -m pytest",
]
HIDDEN = [".ci", ".github", ".gitignore", ".pytest.ini", ".ruff.toml"]


def read(path):
    """Return the text of a page."""
    return path.read_text(encoding="utf-8")


def name(path):
    """Name a page as the learner would."""
    return path.relative_to(ROOT).as_posix()


def anchors(path):
    """Return the places in a page that a link can lead to, one for each heading."""
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tree_block():
    """Return the paths in the README's block of files, without a slash at the end."""
    blocks = re.findall(r"^```text\n(.*?)^```", read(README), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if re.search(r"^mini_gpt/", block, re.MULTILINE)]
    return [line.split()[0].rstrip("/") for line in block.splitlines() if line.strip()]


def is_ours(path):
    """Tell whether an entry of the root is part of the tutorial: not ignored, not a learner's."""
    ignored = [line.strip().rstrip("/") for line in read(ROOT / ".gitignore").splitlines()]
    if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored if pattern):
        return False
    if (path / "pyvenv.cfg").exists():
        return False
    if path.name.startswith("."):
        return path.name in HIDDEN
    return path.suffix != ".txt" or path.name == "requirements.txt"  # others are to train on


def test_two_commands():
    """The README gives the two commands to the letter, and .ci/run runs both."""
    for page in [README, ROOT / ".ci" / "run"]:
        lines = [line.strip() for line in read(page).splitlines()]
        assert [line for line in lines if line in COMMANDS] == COMMANDS, name(page)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_name_files_that_exist(page):
    """Every file that a command starts or copies is there. NN stands for the number of a loop."""
    text = re.sub(r"\S*\bNN_\S*", "", read(page))
    for path in re.findall(r"\bpython3? ([\w./-]+\.py)", text):
        assert (ROOT / path).is_file(), path
    for module in re.findall(r"\bpython3? -m (mini_gpt[\w.]*)", text):
        assert (ROOT / module.replace(".", "/") / "__main__.py").is_file(), module
    for source, target in re.findall(r"\bcp (\S+\.py) (\S+\.py)", text):
        assert (ROOT / source).is_file() and (ROOT / target).parent.is_dir(), source
    for path in re.findall(r"`((?:mini_gpt|scaffolds|checks|docs|recipes)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    """Every relative link leads to a file that is there, and to a heading that is in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path) if path else page
        assert goal.exists(), target
        assert not anchor or anchor in anchors(goal), target


def test_tree_is_the_disk():
    """Every path in the README's tree is there, and none is named twice."""
    listed = tree_block()
    assert len(listed) == len(set(listed)) > 20
    assert not [path for path in listed if not (ROOT / path).exists()]


def test_disk_is_in_the_tree():
    """Everything in the root, and every folder with something to read, is in the README's tree."""
    listed = tree_block()
    entries = [path for path in ROOT.iterdir() if is_ours(path)]
    folders = [path for path in entries if path.is_dir() and path.name in listed]
    inner = [path for folder in folders for path in folder.iterdir() if path.is_dir()]
    shown = [path for path in inner if path.parent.name != "tests" and path.name[0] not in "._"]
    assert not [name(path) for path in [*entries, *shown] if name(path) not in listed]


def test_every_loop_is_in_the_table():
    """The README names recipe, page, module and check of every loop, in order."""
    text = read(README)
    for loop in LOOPS:
        stem = loop.stem
        parts = [f"(recipes/{stem}.md)", f"`mini_gpt/{loop.module}.py`", f"`checks/{stem}_test.py`"]
        (row,) = [row for row in text.splitlines() if all(part in row for part in parts)]
        assert row.startswith(f"| {loop.number} |") and f"(docs/{stem}.md)" in row


def test_escape_routes():
    """The line that borrows a module again stands in the module, and on the page."""
    for loop in LOOPS:
        assert f"`{import_line(loop)}`" in read(PAGES[-1])
        assert set(import_line(loop).split(" import ")[1].split(", ")) == set(loop.names)
    for line in re.findall(r"`from scaffolds\.reference\.[^`]+`", read(README)):
        assert line in read(PAGES[-1])


def test_flags(tree):
    """Every flag that the README names is one that the command knows."""
    check_help = tree.check("01_tokenizer", "--help").stdout
    for flag in re.findall(r"^\| `(--\w+)` \|", read(README), re.MULTILINE):
        assert flag in check_help
    main = ast.parse(read(ROOT / "mini_gpt" / "__main__.py"))
    known = {node.value for node in ast.walk(main) if isinstance(node, ast.Constant)}
    for command in re.findall(r"python -m mini_gpt( --[^`\n]+)", read(README)):
        assert set(re.findall(r"--\w+", command)) <= known


def test_quoted_facts():
    """A report that the README or the scaffolds quote has a title that a check really has."""
    checks = "".join(read(ROOT / "checks" / f"{loop.stem}_test.py") for loop in LOOPS)
    titles = re.findall(r"^ *[❌✅] (.+)$", read(README) + read(PAGES[-1]), re.MULTILINE)
    for title in titles:
        if not title.startswith("You now understand"):
            assert f'"""{title}"""' in checks, title
