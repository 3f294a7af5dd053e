"""The diary: a line in vibes.md for each attempt, in the section of its loop."""

import os
import re
import time

from mini_gpt.loops import Loop
from mini_gpt.paths import ROOT

DIARY = ROOT / "vibes.md"
STAMP = "%Y-%m-%d %H:%M"
ATTEMPT = re.compile(r"^- Attempt (\d+), (\d{4}-\d\d-\d\d \d\d:\d\d)", re.MULTILINE)
EMPTY = "\n- **Intent**:\n- **Friction**:\n- **Next**:\n- **Minutes**:\n"


def note(loop: Loop, verdict: str) -> str:
    """Add an attempt to the section of its loop. What is written there stays as it is.

    Args:
        loop: the loop.
        verdict: how the attempt ended, in a few words.

    Returns:
        A sentence that says what was done.
    """
    before, section, after = parted(read() or "# My diary\n", loop)
    earlier = ATTEMPT.findall(section)
    line = f"- Attempt {len(earlier) + 1}, {time.strftime(STAMP)}: {verdict}"
    temporary = DIARY.with_name(DIARY.name + ".tmp")
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(f"{before}{section.rstrip()}\n{line}\n{after}")
    os.replace(temporary, DIARY)  # in one go: what the learner wrote is never half gone
    return f"Attempt {len(earlier) + 1} is in vibes.md, under {loop.title}. Add your own words."


def read() -> str:
    """Read the diary as it is, odd bytes and line ends too. Without one, return ""."""
    if not DIARY.exists():
        return ""
    with open(DIARY, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def parted(text: str, loop: Loop) -> tuple[str, str, str]:
    """Part the diary into what stands before a loop's section, the section, and what follows."""
    head = re.search(rf"^## Loop {loop.number}\b.*$", text, re.MULTILINE)
    if head is None:
        return f"{text.rstrip()}\n\n", f"## Loop {loop.number}: {loop.title}\n{EMPTY}", ""
    end = re.compile(r"^#{1,2} ", re.MULTILINE).search(text, head.end())
    cut = end.start() if end else len(text)
    return text[: head.start()], text[head.start() : cut], "\n" * bool(end) + text[cut:]


def attempts(loop: Loop) -> list[str]:
    """Return when each attempt at a loop was made, as "2026-01-31 12:00"."""
    return [stamp for _, stamp in ATTEMPT.findall(parted(read(), loop)[1])]
