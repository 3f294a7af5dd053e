"""How much do the facts see? python tools/mutants.py

Each change that the catalogue can make of a right module is made, one at a time. The check should
refuse what comes out, unless it does the same as before, or what the contract leaves free.

    python tools/mutants.py                      all four loops (hours)
    python tools/mutants.py --loop sampler       one loop
    python tools/mutants.py --every 50           each 50th change only
    python tools/mutants.py --write              the same, and keep the counts: mutants.csv

What passes the facts runs once more beside the right module, on inputs of its own: behaviour.py.
What does another thing there is kept one by one, and somebody writes beside it why it may.
"""

import argparse
import ast
import csv
import json
import subprocess
import sys
import tempfile
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.facts.lab import Lab  # noqa: E402
from tutor.facts.words import facts_of  # noqa: E402
from tutor.finding.search_child import STUCK_SECONDS  # noqa: E402
from tutor.finding.time_limit import Alarm, limited  # noqa: E402
from tutor.finding.tryout import LOOKED, NOT_LOADED, PATIENCE, SLOW, Tryout  # noqa: E402
from tutor.running import sandbox  # noqa: E402
from tutor.running.child import load_check, open_records  # noqa: E402
from tutor.running.source import Source, read  # noqa: E402
from tutor.slips import all_edits, ranked  # noqa: E402
from tutor.slips.edit import Edit  # noqa: E402

from mini_gpt.loops import LOOPS, loop_with  # noqa: E402
from tools.behaviour import behaves, differs  # noqa: E402

CORE = [loop.module for loop in LOOPS if loop.is_core]
LEAST_SECONDS = 1.0
COLUMNS = ["loop", "every", "kind", "count", "change", "why"]
KEPT = Path(__file__).with_suffix(".csv")
REFUSED, SAME, REMARKED, OTHER = KINDS = ("refused", "same", "remarked", "other")
"""What becomes of a mutant: the check refuses it, or it passes. What passes does the same as the
right module, or another thing; and of that the check makes a remark, or it says nothing."""


def reference(loop: str) -> Source:
    """Return the right module of a loop."""
    return read(ROOT / "scaffolds" / "reference" / f"{loop}.py")


def mutants(source: Source) -> list[tuple[Edit, Source]]:
    """Return each change of a file that makes another program of it, and that program."""
    found, seen = [], {ast.dump(source.tree)}
    every = set(range(len(source.lines) + 1))
    for _, edit in ranked(source, all_edits(source, every), lambda edit: 0):
        text = edit.apply(source.text)
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        if (code := ast.dump(tree)) not in seen:
            seen.add(code)
            found.append((edit, replace(source, text=text, tree=tree)))
    return found


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    number: int
    kind: str


class Judge:
    """Runs the facts of a loop on mutants of its right module.

    Args:
        loop: the module of the loop, such as "trainer".
    """

    def __init__(self, loop: str):
        self.loop = loop_with(loop)
        self.facts = facts_of(load_check(ROOT / "checks" / f"{self.loop.stem}_test.py"))
        self.tryout = Tryout(self.loop, self.facts, NOT_LOADED)
        self.alarm = Alarm(sandbox.leave)
        self.right = behaves(loop, self.tryout.load(reference(loop)).module)

    def judge(self, number: int, source: Source) -> Verdict:
        """Say what becomes of a mutant."""
        lab = self.tryout.load(replace(source, tree=limited(ast.parse(source.text))))
        quick = self.tryout.order()
        if lab is None or not all(self.holds(fact, lab) for fact in quick):
            return Verdict(number, REFUSED)
        if not self.is_other(lab.module):
            return Verdict(number, SAME)
        slow = [n for n, fact in enumerate(self.facts) if fact.searched and n not in quick]
        if not all(self.holds(fact, lab) for fact in slow):
            return Verdict(number, REFUSED)
        return Verdict(number, REMARKED if lab.remarks else OTHER)

    def holds(self, number: int, lab: Lab) -> bool:
        """Tell whether a fact holds, in ten times as long as right code takes."""
        fact, seconds = self.facts[number], self.facts[number].seconds
        if seconds <= SLOW:
            seconds = LEAST_SECONDS + PATIENCE * self.tryout.usual_seconds(number)
        self.alarm.set(STUCK_SECONDS + seconds)
        return self.tryout.survives(lambda: fact(lab), seconds)

    def is_other(self, module: types.ModuleType) -> bool:
        """Tell whether a mutant does another thing than the right module."""
        self.alarm.set(STUCK_SECONDS + LOOKED)
        found = []
        loop, right = self.loop.module, self.right
        ends = self.tryout.survives(lambda: found.append(differs(loop, module, right)), LOOKED)
        return not ends or found[0]


def work(loop: str, every: int, first: int) -> None:
    """Judge the mutants from the first on, and print what becomes of each, a line each."""
    out = open_records()
    sys.stdout = sandbox.Printed()
    sandbox.close_exits()
    judge, found = Judge(loop), mutants(reference(loop))[::every]
    sandbox.close_starts()
    sandbox.bound_memory()
    for number in range(first, len(found)):
        out.write(json.dumps(vars(judge.judge(number, found[number][1]))) + "\n")
        out.flush()
    sandbox.leave(0)


def judged(loop: str, every: int, count: int) -> Iterator[Verdict]:
    """Yield what becomes of each mutant. One that ends the process is refused."""
    first = 0
    while first < count:
        what = ["--work", str(first), "--loop", loop, "--every", str(every)]
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, *what]
            with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as process:
                for line in process.stdout:
                    yield Verdict(**json.loads(line))
                    first += 1
        if first < count:
            yield Verdict(first, REFUSED)
            first += 1


def change_of(edit: Edit, source: Source) -> str:
    """Write a change in one line: the lines of the file before and after."""
    return " | ".join(" ".join(line.split()) for line in edit.diff(source.text))


def survey(loop: str, every: int) -> list[dict[str, object]]:
    """Judge the mutants of a loop. Returns the rows of mutants.csv, and tells what passes."""
    source = reference(loop)
    found = mutants(source)[::every]
    count, rows = Counter(), []
    for verdict in judged(loop, every, len(found)):
        edit = found[verdict.number][0]
        count[verdict.kind] += 1
        if verdict.kind != REFUSED:
            print(f"{loop} {verdict.kind}: {edit.slip}: {change_of(edit, source)}", flush=True)
        if verdict.kind == OTHER:
            rows.append({"kind": OTHER, "count": 1, "change": change_of(edit, source)})
    sums = [{"kind": kind, "count": count[kind], "change": ""} for kind in KINDS[:-1]]
    return [{"loop": loop, "every": every} | row for row in [*sums, *rows]]


def kept() -> list[dict[str, str]]:
    """Return the rows that are kept."""
    if not KEPT.exists():
        return []
    with KEPT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(rows: list[dict[str, object]]) -> None:
    """Keep rows in the place of those of the same loops, with what was said of their changes."""
    loops, before = {row["loop"] for row in rows}, kept()
    said = {(row["loop"], row["change"]): row["why"] for row in before}
    rows = [row | {"why": said.get((row["loop"], row["change"]), "")} for row in rows]
    rows += [row for row in before if row["loop"] not in loops]
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: CORE.index(row["loop"])))


def main() -> None:
    """Judge the mutants, and tell what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loop", choices=CORE, action="append", help="default: each of the four")
    parser.add_argument("--every", type=int, default=1, help="take every n-th change only")
    parser.add_argument("--write", action="store_true", help="keep the counts in mutants.csv")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is not None:
        work(options.loop[0], options.every, options.work)
    for loop in options.loop or CORE:
        rows = survey(loop, options.every)
        print(*(f"{loop} {row['kind']}: {row['count']}" for row in rows), sep="\n")
        if options.write:
            keep(rows)


if __name__ == "__main__":
    main()
