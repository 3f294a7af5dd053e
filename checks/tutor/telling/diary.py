"""The diary: a line in vibes.md for each attempt, in the section of its loop."""

import os
import re
import time

from mini_gpt.loops import Loop
from mini_gpt.paths import ROOT

DIARY = ROOT / "vibes.md"
STAMP = "%Y-%m-%d %H:%M"
ATTEMPT = re.compile(r"^- Attempt (\d+), (\d{4}-\d\d-\d\d \d\d:\d\d): .*\n", re.MULTILINE)
EMPTY = "\n- **Intent**:\n- **Friction**:\n- **Next**:\n- **Minutes**:\n"


def note(loop: Loop, verdict: str) -> str:
    """Add an attempt to the section of its loop. What is written there stays as it is.

    Args:
        loop: the loop.
        verdict: how the attempt ended, in a few words.

    Returns:
        A sentence that says what was done.
    """
    text = with_section(read() or "# My diary\n", loop)
    start, end = section_of(text, loop)
    earlier = list(ATTEMPT.finditer(text, start, end))
    place = earlier[-1].end() if earlier else text.index("\n", start) + 1
    line = f"- Attempt {len(earlier) + 1}, {time.strftime(STAMP)}: {verdict}\n"
    temporary = DIARY.with_name(DIARY.name + ".tmp")
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text[:place] + ("" if earlier else "\n") + line + text[place:])
    os.replace(temporary, DIARY)  # in one go: what the learner wrote is never half gone
    return f"Attempt {len(earlier) + 1} is in vibes.md, under {loop.title}. Add your own words."


def read() -> str:
    """Read the diary as it is, odd bytes and line ends too. Without one, return ""."""
    if not DIARY.exists():
        return ""
    with open(DIARY, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def heading(loop: Loop) -> re.Pattern:
    """Return the pattern of the heading of a loop's section."""
    return re.compile(rf"^## Loop {loop.number}\b.*\n", re.MULTILINE)


def with_section(text: str, loop: Loop) -> str:
    """Return the diary, with an empty section for a loop at its end where it has none."""
    if heading(loop).search(text):
        return text
    return f"{text}\n## Loop {loop.number}: {loop.title}\n{EMPTY}"


def section_of(text: str, loop: Loop) -> tuple[int, int]:
    """Return where the section of a loop starts and ends: (0, 0) if there is none."""
    head = heading(loop).search(text)
    if head is None:
        return 0, 0
    end = re.compile(r"^#{1,2} ", re.MULTILINE).search(text, head.end())
    return head.start(), end.start() if end else len(text)


def attempts(loop: Loop) -> list[str]:
    """Return when each attempt at a loop was made, as "2026-01-31 12:00"."""
    text = read()
    return [match[2] for match in ATTEMPT.finditer(text, *section_of(text, loop))]
