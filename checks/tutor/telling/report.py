"""Turns what the worker says into lines for a person."""

from tutor.running.problem import Place, Problem

INDENT = " " * 7


def row(label: str, text: str) -> str:
    """Write one labelled line of a report."""
    return f"{INDENT}{label:<10}{text}"


def where(place: Place) -> list[str]:
    """Write a place: a line with its text, a few lines of which one is it, or a function."""
    if place.last:
        return [row("in", f"{place.function}, {place.file}:{place.line}-{place.last}")]
    alone = "after" if place.after else "stopped" if place.stopped else "line"
    label = "one of" if place.others else alone
    lines = [(place.line, place.text), *place.others]
    texts = [f"{place.file}:{line}    {text}".rstrip() for line, text in lines if line]
    return [row("" if number else label, text) for number, text in enumerate(texts or [place.file])]


def failure(title: str, problem: Problem) -> list[str]:
    """Write a failed fact: what was called, what should have come, and what came."""
    lines = [f"  ❌ {title or problem.called}"]
    for label in ("called", "expected", "got"):
        text = getattr(problem, label)
        if text and text != title:
            lines.append(row(label, text))
    return lines


def findings(problem: Problem, found: Problem) -> list[str]:
    """Write where the mistake is, and what the names stood for there.

    Args:
        problem: as it was told at once.
        found: after the search. It is another one where an earlier loop is to blame.
    """
    lines = []
    for label in ("called", "expected", "got"):
        if getattr(found, label) != getattr(problem, label):
            lines.append(row(label, getattr(found, label)))
    if lines:
        lines.insert(0, row("because", "an earlier loop is not right yet:"))
    if found.place:
        lines += where(found.place)
    for number, value in enumerate(found.values):
        lines.append(row("" if number else "where", value))
    if found.likely:
        lines.append(row("likely", found.likely))
    return lines


def hint(problem: Problem) -> list[str]:
    """Write in which direction to look."""
    if problem.hint:
        return [row("hint", problem.hint)]
    is_line = problem.place is not None and not problem.place.last
    if is_line and problem.values:
        return [row("hint", "compare what `where` says with what you expected there")]
    if is_line:
        return [row("hint", "this line stopped: which of its parts is not what it should be?")]
    return [row("hint", "no line is proven; read the function from its top")]


def fix(problem: Problem) -> list[str]:
    """Write the change that was proven to help, as a small diff."""
    if not problem.fix:
        return [row("fix", "there is no proven change of one line to show")]
    lines = [row("fix", "with this change the fact holds:")]
    return lines + [f"{INDENT}    {line}" for line in problem.fix]


def success(title: str, shown: list[str], remarks: list[str]) -> list[str]:
    """Write a fact that holds, and what it has to show."""
    lines = [f"  ✅ {title}"]
    lines += [f"{INDENT}{line}" for line in shown]
    return lines + [f"  💬 {line}" for line in remarks]


def left_out(title: str, why: str) -> list[str]:
    """Write a fact that nobody can look at here, and why."""
    return [f"  💬 {title}: left out, {why}"]


def still_to_write(place: Place) -> str:
    """Write a function that is not written yet."""
    return f"  ✏️ not written yet: {place.function}    {place.file}:{place.line}"


def printed(lines: int, text: str, place: Place) -> list[str]:
    """Say what the learner's code printed while it was checked."""
    count = "a line" if lines == 1 else f"{lines:,} lines"
    first = text.splitlines()[0][:70] if text.strip() else ""
    return [
        f"  💬 Your code printed {count} meanwhile, the first at {place.file}:{place.line}",
        f'{INDENT}"{first}". Take the print away when you are done with it.',
    ]
