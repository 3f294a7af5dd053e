"""What the facts do not see is counted by tools/mutants.py, and somebody says why it may be so."""

import subprocess
import sys
from collections import Counter

from mini_gpt.paths import ROOT
from tools import diagnosis_tables, mutants


def test_every_mutant_that_passes_is_explained():
    """What passes the facts and does another thing is left free by the contract, for a reason."""
    rows = mutants.kept()
    assert {row["loop"] for row in rows} == set(mutants.CORE)
    assert all(row["why"] for row in rows if row["kind"] == mutants.OTHER)


def test_the_page_has_the_score():
    """Of what does another thing, the checks see 99 % at least, and as much as the page says."""
    count = Counter()
    for row in mutants.kept():
        count[row["kind"]] += int(row["count"])
    seen = count[mutants.REFUSED] + count[mutants.REMARKED]
    other = seen + count[mutants.OTHER]
    page = " ".join(diagnosis_tables.PAGE.read_text(encoding="utf-8").split())
    assert seen >= 0.99 * other
    assert f"the checks see {seen:,} of {other:,} ({seen / other:.1%})".replace("%", " %") in page


def test_mutants_are_judged():
    """Most changes of the tokenizer are refused, and what passes does the same as before."""
    command = [
        sys.executable,
        ROOT / "tools" / "mutants.py",
        "--loop",
        "tokenizer",
        "--every",
        "60",
    ]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    *_, refused, same, remarked = said.splitlines()
    made = len(mutants.mutants(mutants.reference("tokenizer"))[::60])
    counts = [int(line.split(": ")[1]) for line in (refused, same, remarked)]
    assert sum(counts) == made and counts[0] > 0.7 * made and counts[1] > 0
