"""The five rooms of the tutor: arrows point one way, and what crosses a border is typed."""

import ast

import pytest
from tutor.finding.mends import Mend, Planned, Tried
from tutor.running import records
from tutor.running.problem import Place, Problem

from mini_gpt.paths import ROOT

TUTOR = ROOT / "checks" / "tutor"
ROOMS = ["facts", "running", "slips", "finding", "telling"]
FILES = sorted(path for room in ROOMS for path in (TUTOR / room).glob("*.py"))


def imported(path):
    """Name all modules that a file imports anywhere, by import_module too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            yield ast.unparse(node.args[0]).strip("'\"f")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_arrows_point_one_way(path):
    """A room uses itself and the rooms before it, never one behind it."""
    allowed = ROOMS[: ROOMS.index(path.parent.name) + 1]
    used = [name.split(".")[1] for name in imported(path) if name.startswith("tutor.")]
    assert set(used) <= set(allowed)


def test_every_room_is_on_the_map():
    """The docstring of each room names each of its files, and no other."""
    assert sorted(
        path.name for path in TUTOR.iterdir() if path.is_dir() and path.name[0] != "_"
    ) == (sorted(ROOMS))
    for room in ROOMS:
        text = ast.get_docstring(ast.parse((TUTOR / room / "__init__.py").read_text("utf-8")))
        named = {line.split()[0] for line in text.splitlines() if ".py " in line}
        assert named == {p.name for p in (TUTOR / room).glob("*.py")} - {"__init__.py"}, room


@pytest.mark.parametrize(
    "record",
    [
        records.Started(3),
        records.Holds("A title", ["shown"], []),
        records.Fails(
            "A title", 2, Problem("a", "b", "c", Place("f.py", 3, "x = 1")), ["tokenizer"]
        ),
        records.Fails("", -1, Problem("a", "b", "c", None, ["q is 3"], "likely")),
        records.Unwritten(Place("f.py", 3, function="f", last=9)),
        records.Done(),
        Planned(10),
        Tried(3, 1),
        Mend(3, 1, 7, False, "slip", "hint", ["- a", "+ b"], "text ✅", 4, False, True),
    ],
    ids=lambda record: type(record).__name__,
)
def test_records_cross_the_border(record):
    """A record comes back from its line as it was, with its places and problems."""
    line = records.to_line(record)
    assert line.endswith("\n") and line.count("\n") == 1
    assert records.from_line(line) == record
