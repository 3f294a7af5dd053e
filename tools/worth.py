"""Count what each slip of the catalogue is worth, on the known wrong modules.

    python tools/worth.py                    count, and keep it: checks/tutor/slips/worth.csv
    python tools/worth.py --processes 8      the same, with 8 processes
    python tools/worth.py --table            print what is kept
    python tools/worth.py --ranks known      print how early the right change comes: known, unseen

A slip is right where one of its changes makes the correct module again. Many a change that is as
good is not the same, so these counts are low. Where two slips make the same change, it counts for
the one that is tried first: for a row of the catalogue, before a function. Styles that are unseen
are never counted. What is found by looking at values takes a run of the check, so it is counted on
each GROWN-th module only.
"""

import argparse
import ast
import functools
import itertools
import os
import re
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.facts.words import facts_of  # noqa: E402
from tutor.finding.looking import Looking  # noqa: E402
from tutor.finding.tryout import Tryout  # noqa: E402
from tutor.running.child import load_check  # noqa: E402
from tutor.running.parent import run  # noqa: E402
from tutor.running.records import Fails  # noqa: E402
from tutor.running.source import Source, read  # noqa: E402
from tutor.slips import all_edits, candidates, worth  # noqa: E402
from tutor.slips.catalogue import SLIPS  # noqa: E402
from tutor.slips.edit import Edit  # noqa: E402

from mini_gpt.loops import loop_with  # noqa: E402
from tests import modules  # noqa: E402
from tests.modules import KNOWN, UNSEEN, WITH_MODULES, Wrong  # noqa: E402

Edits = Callable[[Source, set[int]], Iterable[Edit]]
NEAR = 6
"""A change so many lines from the lines at fault cannot make the correct module again."""
FIRST = (500, 1500, 3000)
"""After so many changes, it is told how often the right one was among them."""
GROWN = 8
"""On each module with such a number, what is found by values is counted."""


def changes_of(wrong: Wrong, edits: Edits) -> Iterator[tuple[Edit, bool]]:
    """Yield each change of a wrong module once, and whether it makes the correct one again.

    Args:
        wrong: the module.
        edits: makes the changes of a file, of the lines that are given.
    """
    text, lines = wrong.made()
    source, seen = Source(Path("module.py"), text, ast.parse(text)), set()
    right = modules.right_module(wrong.loop, wrong.style).read_text(encoding="utf-8")
    bare, tree = without_blanks(right), ast.dump(ast.parse(right))
    for edit in edits(source, set(range(len(source.lines) + 1))):
        if edit.deed in seen or edit.text == text[edit.start : edit.end]:
            continue
        seen.add(edit.deed)
        is_near = any(abs(edit.line - line) <= NEAR for line in lines)
        changed = edit.apply(text) if is_near else ""
        yield edit, is_near and without_blanks(changed) == bare and is_tree(changed, tree)


def grown(wrong: Wrong) -> list[Edit]:
    """List the changes of a wrong module that are found by looking at its values."""
    check = ROOT / "checks" / f"{loop_with(wrong.loop).stem}_test.py"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "module.py"
        file.write_text(wrong.made()[0], encoding="utf-8")
        records = run(check, file, folder=Path(folder))
        failed = [one.number for one in records if isinstance(one, Fails) and one.searched]
        if not failed:
            return []
        source = read(file)
        tryout = Tryout(loop_with(wrong.loop), facts_of(load_check(check)), failed[0])
        runs = tryout.rehearse(source)
        known = {edit.deed for edit in all_edits(source, runs.active)}
        looking = Looking(source, runs, [])
        looking.watch(tryout)
        return [one for one in looking.grown() if one.deed not in known]


def without_blanks(text: str) -> str:
    """Return a text without what means nothing to Python, and more: a first, quick comparison."""
    return re.sub(r"\s+|[()]", "", re.sub(r"#.*", "", text)).replace("'", '"').replace(",]", "]")


def is_tree(text: str, tree: str) -> bool:
    """Tell whether a text is a program with this syntax tree."""
    return is_program(text) and ast.dump(ast.parse(text)) == tree


def is_program(text: str) -> bool:
    """Tell whether Python can read a text. Where it cannot, it names the line itself."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def counted(wrong: Wrong, edits: Edits) -> tuple[str, Counter, set[str]]:
    """Return the style of a module, how many changes each slip tried, and which were right."""
    tries, right = Counter(), set()
    for edit, is_right in changes_of(wrong, edits):
        tries[edit.slip] += 1
        right |= {edit.slip} if is_right else set()
    return f"{wrong.loop}/{wrong.style}", tries, right


def counted_by_values(wrong: Wrong) -> tuple[str, Counter, set[str]]:
    """Count what is found by looking at values, and nothing else."""
    return counted(wrong, lambda *of: grown(wrong))


def rank(wrong: Wrong) -> float:
    """Return how many changes are tried up to the one that is right."""
    os.environ[worth.LEFT_OUT] = f"{wrong.loop}/{wrong.style}"
    made = changes_of(wrong, lambda *of: (edit for _, edit in candidates(*of)))
    found = (number for number, (_, is_right) in enumerate(made, 1) if is_right)
    return next(found, float("inf"))


def chosen(kind: str, every: int) -> list[Wrong]:
    """List the wrong modules of known or of unseen styles."""
    found = [
        one
        for loop in WITH_MODULES
        for one in modules.wrong_modules(loop)
        if modules.tuning(loop)[one.style] == kind and is_program(one.made()[0])
    ]
    return found[::every]


def count(wrong: list[Wrong], processes: int) -> None:
    """Count all slips, and keep the counts."""
    tries, right = Counter(), defaultdict(list)
    # A wrong module that is run may leave something behind: each gets a process of its own.
    clean = ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1)
    with ProcessPoolExecutor(processes) as pool, clean:
        plain = pool.map(functools.partial(counted, edits=all_edits), wrong, chunksize=4)
        by_values = clean.map(counted_by_values, wrong[::GROWN])
        for style, tried, found in itertools.chain(plain, by_values):
            tries += tried
            for slip in found:
                right[slip].append(style)
    worth.keep(tries, right)
    print(f"{worth.KEPT.relative_to(ROOT)}: {sum(tries.values()):,} changes, {len(tries)} slips")


def tell_ranks(wrong: list[Wrong], processes: int) -> None:
    """Print how early the right change comes."""
    with ProcessPoolExecutor(processes) as pool:
        ranks = list(pool.map(rank, wrong, chunksize=4))
    found = [one for one in ranks if one < float("inf")]
    print(f"{len(wrong)} wrong modules, {len(found)} made right by one change")
    print(f"half of these within the first {statistics.median(found):,.0f} changes")
    for first in FIRST:
        within = sum(one <= first for one in found)
        print(f"within the first {first:,}: {within} ({100 * within / len(wrong):.0f} %)")


def table(most: int | None = None) -> str:
    """Write what each slip is worth as a table. Those that were right most often come first."""
    kept = worth.kept()
    lines = ["| slip | bits | right | changes tried | styles |", "|---|---:|---:|---:|---:|"]
    by_right = {slip: -len(kept.get(slip, worth.Worth()).right) for slip in SLIPS}
    names = sorted(SLIPS, key=lambda slip: (by_right[slip], worth.cost_of(slip), slip))
    for slip in names[:most]:
        one = kept.get(slip, worth.Worth())
        cost, styles = worth.cost_of(slip), len(set(one.right))
        name = slip.replace("|", "\\|")
        lines.append(f"| `{name}` | {cost} | {len(one.right)} | {one.tries:,} | {styles} |")
    return "\n".join(lines)


def main() -> None:
    """Count, or print what is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--every", type=int, default=1, help="take every n-th module only")
    parser.add_argument("--table", action="store_true", help="print what is kept")
    parser.add_argument(
        "--ranks", choices=[KNOWN, UNSEEN], help="print how early what is right comes"
    )
    options = parser.parse_args()
    if options.table:
        print(table())
    elif options.ranks:
        tell_ranks(chosen(options.ranks, options.every), options.processes)
    else:
        count(chosen(KNOWN, options.every), options.processes)


if __name__ == "__main__":
    main()
