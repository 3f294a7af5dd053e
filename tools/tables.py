"""The tables of loops in the pages: each stands between two marks, and is made from loops.py."""

import re
from pathlib import Path

from mini_gpt.loops import LOOPS, Loop
from mini_gpt.paths import ROOT
from tools.borrowed import import_line

MARKS = re.compile(r"(<!-- (\w+): made by tools/generate.py -->\n).*?(<!-- end -->)", re.DOTALL)


def course(loop: Loop) -> str:
    """Write the row of a loop in the README."""
    stem = loop.stem
    return (
        f"| {loop.number} | {loop.minutes} | [{stem}](recipes/{stem}.md)"
        f" | `mini_gpt/{loop.module}.py` | `checks/{stem}_test.py`"
        f" | [{loop.idea}](docs/{stem}.md) | {loop.shows} |"
    )


def skeletons(loop: Loop) -> str:
    """Write the row of a loop in the README of the scaffolds."""
    return (
        f"| {loop.number} | `{loop.stem}_skeleton.py` | `mini_gpt/{loop.module}.py`"
        f" | `{import_line(loop)}` |"
    )


def recipes(loop: Loop) -> str:
    """Write the row of a loop in the README of the recipes."""
    return f"| {loop.number} | [{loop.stem}]({loop.stem}.md) | `mini_gpt/{loop.module}.py` |"


TABLES = {
    "course": (
        course,
        "| loop | minutes | recipe | your module | check | page | the one thing it shows |",
        "|---|---:|---|---|---|---|---|",
    ),
    "skeletons": (
        skeletons,
        "| loop | skeleton | becomes | the line that borrows it again |",
        "|---|---|---|---|",
    ),
    "recipes": (recipes, "| loop | recipe | your module |", "|---|---|---|"),
}
PAGES = [ROOT / "README.md", ROOT / "scaffolds" / "README.md", ROOT / "recipes" / "README.md"]


def filled(page: Path) -> str:
    """Return the text of a page with its tables as loops.py has them."""

    def table(match: re.Match) -> str:
        row, *head = TABLES[match[2]]
        return match[1] + "".join(f"{line}\n" for line in [*head, *map(row, LOOPS)]) + match[3]

    return MARKS.sub(table, page.read_text(encoding="utf-8"))
