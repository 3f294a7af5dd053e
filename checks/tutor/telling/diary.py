"""The diary: a block in vibes.md for each attempt, with three lines left open to write."""

import re
import time
from types import ModuleType

from tutor.problem import ROOT

DIARY = ROOT / "vibes.md"
STAMP = "%Y-%m-%d %H:%M"


def append(check: ModuleType, held: int, facts: int) -> None:
    """Append an attempt to vibes.md. What is written there stays as it is.

    Args:
        check: the module of the check.
        held: how many facts hold.
        facts: how many there are.
    """
    text = DIARY.read_text(encoding="utf-8") if DIARY.exists() else ""
    pattern = rf"^## Loop {check.LOOP}, attempt \d+ \((.*?)\)$"
    earlier = re.findall(pattern, text, re.MULTILINE)
    now = time.strftime(STAMP)
    first = earlier[0] if earlier else now
    seconds = time.mktime(time.strptime(now, STAMP)) - time.mktime(time.strptime(first, STAMP))
    verdict = "green" if held == facts else f"{held} of {facts} facts hold"
    block = (
        f"\n## Loop {check.LOOP}, attempt {len(earlier) + 1} ({now})\n\n"
        f"- Minutes since the first attempt: {seconds / 60:.0f}\n"
        f"- Verdict: {verdict}\n- Intent:\n- Friction:\n- Next:\n"
    )
    with open(DIARY, "a", encoding="utf-8") as file:
        file.write(block)
    print("  A block for this attempt is in vibes.md; write Intent, Friction and Next.")
