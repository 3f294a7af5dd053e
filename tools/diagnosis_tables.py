"""Write the tables of docs/diagnosis.md from what was measured: `python tools/diagnosis_tables.py`.

The results come from `python tools/measure.py --write`, `python tools/worth.py` and
`python tools/mutants.py`, which keep them.
"""

import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mini_gpt.loops import loop_with  # noqa: E402
from tests.modules import UNSEEN, tuning, wrong_modules  # noqa: E402
from tools import mutants, worth  # noqa: E402
from tools.measure import VERDICTS, Result, kept  # noqa: E402

PAGE = ROOT / "docs" / "diagnosis.md"
BEST_SLIPS = 20
COLUMNS = ["the very line", "one of 2 to 4", "the function", "a wrong line", "nothing"]


def share(count: int, of: int) -> str:
    """Write a count with its share."""
    return f"{count} ({100 * count / of:.0f} %)" if count else "0"


def row(name: str, results: list[Result]) -> str:
    """Write one row: how often each verdict came, and the seconds."""
    count = Counter(result.verdict for result in results)
    shares = [share(count[verdict], len(results)) for verdict in VERDICTS]
    seconds = [result.seconds for result in results]
    times = [f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"]
    return f"| {' | '.join([name, str(len(results)), *shares, *times])} |"


def table(of: str, results: list[Result], group: Callable[[Result], str]) -> str:
    """Write a table with a row for each group, and one for all."""
    head = [of, "wrong modules", *COLUMNS, "half within, s", "longest, s"]
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    for name in dict.fromkeys(map(group, results)):
        lines.append(row(name, [result for result in results if group(result) == name]))
    return "\n".join([*lines, row("**all**", results)])


def loop_of(result: Result) -> str:
    """Name the loop of a result, such as "1 tokenizer"."""
    return f"{loop_with(result.loop).number} {result.loop}"


def kind_of(result: Result) -> str:
    """Tell whether a style is known or unseen."""
    return tuning(result.loop)[result.style]


def is_unseen(result: Result) -> bool:
    """Tell whether nobody looked at a style while the search was tuned."""
    return kind_of(result) == UNSEEN


def with_two_mistakes(results: list[Result]) -> list[Result]:
    """Return those of modules in which two things are wrong, at two places. Their names say so."""
    double = {
        (wrong.loop, wrong.style, wrong.name)
        for loop in {result.loop for result in results}
        for wrong in wrong_modules(loop)
        if len(wrong.changes) > 1 and (wrong.name.startswith("two_") or "_and_" in wrong.name)
    }
    return [result for result in results if (result.loop, result.style, result.name) in double]


def style_of(result: Result) -> str:
    """Name the style of a result."""
    return result.style + (" (unseen)" if is_unseen(result) else "")


def right_table(results: list[Result]) -> str:
    """Write how many correct modules were accepted and refused."""
    lines = ["| loop | correct modules | accepted | refused |", "|---|---:|---:|---:|"]
    for name in [*dict.fromkeys(map(loop_of, results)), "**all**"]:
        own = [result for result in results if name in (loop_of(result), "**all**")]
        count = Counter(result.verdict for result in own)
        lines.append(f"| {name} | {len(own)} | {count['accepted']} | {count['refused']} |")
    return "\n".join(lines)


def mutants_table() -> str:
    """Write what became of the changes of the right modules."""
    rows = mutants.kept()
    lines = ["| loop | changes made | refused | the same | a remark | left free |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for loop in dict.fromkeys(row["loop"] for row in rows):
        count = Counter()
        for row in (row for row in rows if row["loop"] == loop):
            count[row["kind"]] += int(row["count"])
        cells = [f"{count[kind]:,}" for kind in mutants.KINDS]
        number = f"{loop_with(loop).number} {loop}"
        lines.append(f"| {' | '.join([number, f'{sum(count.values()):,}', *cells])} |")
    return "\n".join(lines)


def tables(results: list[Result]) -> dict[str, str]:
    """Write all tables of the page, by name."""
    wrong = [result for result in results if result.name]
    made = {
        "right": right_table([result for result in results if not result.name]),
        "loops": table("loop", [r for r in wrong if not is_unseen(r)], loop_of),
        "unseen": table("loop", [r for r in wrong if is_unseen(r)], loop_of),
        "two": table("styles", sorted(with_two_mistakes(wrong), key=kind_of), kind_of),
        "slips": worth.table(BEST_SLIPS),
        "mutants": mutants_table(),
    }
    for loop in dict.fromkeys(result.loop for result in wrong):
        own = [result for result in wrong if result.loop == loop]
        own.sort(key=lambda result: (is_unseen(result), result.style))
        made[f"styles of {loop}"] = table("style", own, style_of)
    return made


def filled(text: str, made: dict[str, str]) -> str:
    """Put the tables into a page, each between its marks."""
    for name, content in made.items():
        mark = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not mark.search(text):
            raise ValueError(f"the page has no place for the table {name}")
        text = mark.sub(lambda found, content=content: found[1] + content + "\n" + found[2], text)
    return text


def main() -> None:
    """Write the tables into the page."""
    page = filled(PAGE.read_text(encoding="utf-8"), tables(kept()))
    PAGE.write_text(page, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} has its tables")


if __name__ == "__main__":
    main()
