"""Proves a line: small edits of the learner's file are tried, and those that mend it are told.

Runs in a process of its own, so that a bad edit does no harm.
Each edit gets a bounded time. The events: tried, alive (this one takes longer), mended (how far an
edit leads), done.
"""

import sys
import time
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(CHECKS), str(CHECKS.parent)]

from tutor import sandbox  # noqa: E402
from tutor.edits.edit import Edit  # noqa: E402
from tutor.prover import LONG, STUCK_SECONDS, Prover  # noqa: E402
from tutor.source import read  # noqa: E402
from tutor.worker import load_check, open_events, tell  # noqa: E402


def as_event(edit: Edit, text: str, reached: int) -> dict:
    """Write an edit as plain values."""
    return {
        "line": edit.line,
        "inserts": edit.inserts,
        "cost": edit.cost,
        "hint": edit.hint,
        "diff": edit.diff(text),
        "text": edit.apply(text),
        "reach": reached,
    }


def main() -> None:
    """Run `proof.py CHECK FILE FACT RAISED FIRST STEP SECONDS`: each STEP-th from FIRST on."""
    check_path, file, failed, raised, first, step, seconds = sys.argv[1:]
    out = open_events()
    sys.stdout = sandbox.Printed()
    sandbox.close_exits()
    sandbox.close_starts()
    check = load_check(Path(check_path))
    prover = Prover(check, read(Path(file).resolve()), int(failed), int(raised))
    prover.alive = lambda: tell(out, "alive", patience=STUCK_SECONDS + LONG)
    proven = None
    share = slice(int(first), None, int(step))
    for number, (rank, edit, reached) in enumerate(prover.outcomes(share)):
        coming = share.start + (number + 1) * share.step
        work = time.process_time()
        tell(out, "tried", rank=rank, next=coming, work=work, patience=prover.patience)
        if proven is not None and rank > proven or work > float(seconds):
            break
        if reached > prover.failed:
            complete = reached == len(prover.facts)
            event = as_event(edit, prover.source.text, reached)
            tell(out, "mended", rank=rank, complete=complete, **event)
        if reached == len(prover.facts):
            proven = rank
    tell(out, "done")
    sandbox.leave(0)


if __name__ == "__main__":
    main()
