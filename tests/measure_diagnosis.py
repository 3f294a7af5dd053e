"""Measure how true the named lines are.

    python tests/measure_diagnosis.py              diagnose all known mistakes (about two hours)
    python tests/measure_diagnosis.py --write      the same, and keep the results: diagnosis.csv
    python tests/measure_diagnosis.py --every 24   each 24th only, compared with what is kept

docs/diagnosis.md tells the results; make_diagnosis.py writes its tables.
"""

import argparse
import csv
import difflib
import importlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.finding import diagnosis  # noqa: E402
from tutor.running.child import load_check  # noqa: E402
from tutor.running.parent import run  # noqa: E402
from tutor.running.problem import Place, Problem  # noqa: E402
from tutor.running.source import Source, read  # noqa: E402

from tests.mistakes import VARIANTS, Mistake  # noqa: E402

STEMS = {
    "tokenizer": "01_tokenizer",
    "transformer": "02_transformer",
    "trainer": "03_training",
    "sampler": "04_generation",
}
COLLECTIONS = ["{}", "others_{}", "held_{}", "later_{}", "further_{}", "latest_{}", "unseen_{}"]
"""The lists of mistakes of a module. Nothing was tuned on the last one before it was measured."""
VERDICTS = ["exact", "range", "function", "wrong", "missed"]
KEPT = Path(__file__).with_name("diagnosis.csv")
SLACK = 0.1
"""By what share of the mistakes, and one more, a busy machine may do worse than what is kept."""


@dataclass
class Result:
    """What a check said about one known mistake, or about a correct module."""

    loop: str
    collection: str
    """Where the mistake is listed, or "right" for a correct module."""
    style: str
    name: str
    verdict: str
    seconds: float


def collected(module: str) -> list[tuple[str, Mistake]]:
    """Return all known mistakes of a module, each with the name of its collection."""
    found = []
    for name in (pattern.format(module) for pattern in COLLECTIONS):
        if Path(__file__).with_name("mistakes").joinpath(f"{name}.py").exists():
            listed = importlib.import_module(f"tests.mistakes.{name}").MISTAKES
            found += [(name.split("_")[0] if "_" in name else "first", m) for m in listed]
    return found


def mistakes(module: str) -> list[Mistake]:
    """Return all known mistakes of a module."""
    return [mistake for _, mistake in collected(module)]


def wrong_module(stem: str, mistake: Mistake) -> tuple[str, set[int]]:
    """Return the text of a wrong module, and the lines at which it is wrong."""
    right = (VARIANTS / stem / f"{mistake.base}.py").read_text(encoding="utf-8")
    wrong = right
    for old, new in mistake.edits:
        wrong = wrong.replace(old, new)
    one, two = right.splitlines(), wrong.splitlines()
    lines = {n for n, line in enumerate(two, 1) if line.strip() in mistake.also}
    for tag, _, _, first, last in difflib.SequenceMatcher(
        None, one, two, autojunk=False
    ).get_opcodes():
        if tag != "equal":  # of a missing line, both neighbours count
            lines |= set(range(first + 1, last + 1)) or {first, first + 1}
    return wrong, lines


def judge(place: Place | None, lines: set[int], source: Source) -> str:
    """Say what a named place is worth: exact, range (one of a few lines), function or wrong."""
    if place is None or place.last:
        return "function"
    named = {place.line, *(line for line, _ in place.others)}
    if place.after:  # between two lines of code, be there a comment or not
        gaps = [range(line + 1, source.code_line_after(line) + 1) for line in named]
        named = named.union(*gaps)
    if not named & lines:
        return "wrong"
    return "range" if place.others else "exact"


def adds_back(fix: list[str], mistake: Mistake) -> bool:
    """Tell whether a fix adds the very statement that was taken away, be it at another place."""
    added = [line[2:].strip() for line in fix if line.startswith("+")]
    return any(added == [old.strip()] and not new.strip() for old, new in mistake.edits)


def measure(module: str, mistake: Mistake, folder: Path) -> tuple[str, float]:
    """Give one wrong module to its check. Returns the verdict, and the seconds of the diagnosis."""
    stem = STEMS[module]
    check = load_check(ROOT / "checks" / f"{stem}_test.py")
    text, lines = wrong_module(stem, mistake)
    file = folder / f"{mistake.name}.py"
    file.write_text(text, encoding="utf-8")
    failures = [e for e in run(Path(check.__file__), file) if e["event"] == "fails"]
    if not failures:
        return "missed", 0.0
    started = time.monotonic()
    problem = Problem.from_dict(failures[0]["problem"])
    found = diagnosis.diagnose(check, file, problem, failures[0]["number"])
    verdict = "exact" if adds_back(found.fix, mistake) else judge(found.place, lines, read(file))
    return verdict, time.monotonic() - started


def measure_right(module: str, variant: Path) -> Result:
    """Give a correct module to its check."""
    started = time.monotonic()
    check = ROOT / "checks" / f"{STEMS[module]}_test.py"
    refused = any(event["event"] == "fails" for event in run(check, variant))
    seconds = round(time.monotonic() - started, 1)
    verdict = "refused" if refused else "accepted"
    return Result(module, "right", variant.stem, "", verdict, seconds)


def measured(modules: Iterable[str], every: int, only: str) -> Iterable[Result]:
    """Measure each n-th of the known mistakes and correct modules, and yield the results."""
    with tempfile.TemporaryDirectory() as folder:
        for module in modules:
            listed = [pair for pair in collected(module) if only in ("", pair[0])]
            for collection, mistake in listed[::every]:
                verdict, seconds = measure(module, mistake, Path(folder))
                style = mistake.base.removeprefix("held_")
                yield Result(module, collection, style, mistake.name, verdict, round(seconds, 1))
            right = sorted((VARIANTS / STEMS[module]).glob("*.py")) if only in ("", "right") else []
            for variant in right[::every]:
                yield measure_right(module, variant)


def kept() -> list[Result]:
    """Return the results that are kept."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Result(**(row | {"seconds": float(row["seconds"])})) for row in rows]


def keep(results: list[Result]) -> None:
    """Keep results, in the place of those of the same modules."""
    new = {(result.loop, result.style, result.name) for result in results}
    old = kept() if KEPT.exists() else []
    names = {module: {"", *(mistake.name for mistake in mistakes(module))} for module in STEMS}
    old = [r for r in old if (r.loop, r.style, r.name) not in new and r.name in names[r.loop]]
    every = [*old, *results]
    every.sort(key=lambda result: list(STEMS).index(result.loop))
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(every[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, every))


def worse(results: list[Result]) -> list[str]:
    """List the figures that are worse than those kept of the same modules."""
    old = {(r.loop, r.style, r.name): r.verdict for r in kept()}
    known = [r for r in results if (r.loop, r.style, r.name) in old]
    before = Counter(old[r.loop, r.style, r.name] for r in known)
    now = Counter(result.verdict for result in known)
    slack = 1 + SLACK * len(known)
    lines = []
    if now["exact"] < before["exact"] - slack:
        lines.append(f"exact lines: {now['exact']}, before {before['exact']}")
    if now["wrong"] > before["wrong"] + slack:
        lines.append(f"wrong lines: {now['wrong']}, before {before['wrong']}")
    for verdict in ("missed", "refused"):
        if now[verdict] > before[verdict]:
            lines.append(f"{verdict}: {now[verdict]}, before {before[verdict]}")
    return lines


def main() -> int:
    """Measure, print each result, and keep them or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loop", choices=STEMS, action="append", help="default: all four")
    parser.add_argument("--every", type=int, default=1, help="take every n-th mistake only")
    parser.add_argument("--only", default="", help="one collection: first, held, unseen, right ...")
    parser.add_argument("--write", action="store_true", help="keep the results in diagnosis.csv")
    options = parser.parse_args()
    results = []
    for result in measured(options.loop or STEMS, options.every, options.only):
        results.append(result)
        what = f"{result.loop} {result.style} {result.name}"
        told = f"{result.verdict:<9}{result.seconds:5.1f} s  {what}"
        print(told, flush=True)
    count = Counter(result.verdict for result in results)
    print(", ".join(f"{count} {verdict}" for verdict, count in count.most_common()))
    if options.write:
        keep(results)
        return 0
    problems = worse(results) if KEPT.exists() else []
    print(*(f"worse than before: {line}" for line in problems), sep="\n", end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
