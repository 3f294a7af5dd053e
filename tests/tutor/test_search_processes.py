"""The processes of a search: they may crash, hang and be many, and the report is the same."""

import subprocess
import sys
import time

import pytest
from tutor.finding import search
from tutor.finding.diagnosis import remarks_of
from tutor.finding.mends import TOGETHER
from tutor.finding.search import Search
from tutor.running.parent import run
from tutor.running.records import Fails
from tutor.running.source import read

from mini_gpt.paths import ROOT

pytestmark = pytest.mark.slow

CHECK = ROOT / "checks" / "01_tokenizer_test.py"
RIGHT = (ROOT / "scaffolds" / "reference" / "tokenizer.py").read_text(encoding="utf-8")
SORTED = RIGHT.replace("list(dict.fromkeys(text))", "list(sorted(set(text)))")

# A search process in a few lines: what it does with change number N stands in the test.
PROCESS = """
import os, sys
sys.path[:0] = {paths!r}
from tutor.finding.mends import Mend, Planned, Tried
from tutor.running.records import Done, to_line

def tell(record):
    print(to_line(record), end="", flush=True)

first, step = map(int, sys.argv[-2:])
tell(Planned(10))
for N in range(first, 10, step):
{what}
    tell(Tried(N, N))
tell(Done())
"""


@pytest.fixture
def searched(tmp_path, monkeypatch):
    """A function that searches with processes of its own making."""

    def run(what, processes=2, **options):
        child = tmp_path / "child.py"
        lines = "\n".join(f"    {line}" for line in what.splitlines())
        paths = [str(ROOT), str(ROOT / "checks")]
        child.write_text(PROCESS.format(paths=paths, what=lines), encoding="utf-8")
        monkeypatch.setattr(search, "CHILD", child)
        source = read(ROOT / "scaffolds" / "reference" / "tokenizer.py")
        one = Search(CHECK, source, 0, processes=processes, **options)
        return one, one.run()

    return run


@pytest.fixture
def wrong(tmp_path):
    """A tokenizer that sorts its characters."""
    file = tmp_path / "wrong.py"
    file.write_text(SORTED, encoding="utf-8")
    return read(file)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_stuck_changes_are_left_out(searched, processes):
    """A process that dies at a change is started anew behind it, and nothing else is lost."""
    mend = "Mend(N, N, N, False, '', '', [], '', 1, False, False)"
    one, mends = searched(f"if N in (3, 4): os._exit(1)\ntell({mend})", processes)
    assert [found.number for found in mends] == [0, 1, 2, 5, 6, 7, 8, 9]
    assert (one.crash, one.tried) == ("", 8)


def test_what_is_no_record_ends_its_change_only(searched):
    """A change that writes bytes where the records go is left out, and nothing else is lost."""
    mend = "Mend(N, N, N, False, '', '', [], '', 1, False, False)"
    one, mends = searched(f"if N == 4: os.write(1, bytes([128, 10]))\ntell({mend})")
    assert [found.number for found in mends] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert (one.crash, one.tried) == ("", 9)


def test_small_numbers_of_files_lead_nowhere(tmp_path):
    """A file that opens a small number in place of a path does not disturb its check."""
    file, lines = tmp_path / "numbers.py", "import os\n"
    lines += "for number in range(3, 99):\n    try:\n        os.write(number, bytes([128]))\n"
    file.write_text(lines + "    except OSError:\n        pass\n" + SORTED, encoding="utf-8")
    assert [one for one in run(CHECK, file) if isinstance(one, Fails)]
    assert Search(CHECK, read(file), 0, processes=1).run()


def test_a_crash_of_ours_is_told(searched):
    """A process that ends with a traceback of ours is reported as our fault, with what it said."""
    one, mends = searched("if N == 4: raise KeyError('the map')")
    assert mends == [] and "KeyError: 'the map'" in one.crash
    (remark,) = remarks_of(one)
    assert "fault of this tutorial" in remark and "the map" in remark


def test_nothing_behind_the_first_full_proof(searched):
    """What ranks far behind the first change that mends all is left out, whoever found it first."""
    mend = "Mend(N, N, N, False, '', '', [], '', 9, False, N >= 5)"
    wait = "import time; time.sleep(0.3 * (N == 5))"
    for processes in (1, 2, 5):
        _, mends = searched(f"{wait}\ntell({mend})", processes)
        assert [found.number for found in mends] == [0, 1, 2, 3, 4, 5, 5 + TOGETHER]


def test_the_number_of_processes_makes_no_difference(wrong):
    """One, two or three processes find the same changes of a real file, in the same order."""
    found = [Search(CHECK, wrong, 0, processes=number).run() for number in (1, 2, 3)]
    assert found[0] and found[0] == found[1] == found[2]


def test_the_order_of_a_set_makes_no_difference(tmp_path, monkeypatch):
    """Python shuffles a set of texts anew in each process. A check sees the same order again."""
    file = tmp_path / "shuffled.py"
    file.write_text(SORTED.replace("sorted(set(text))", "set(text)"), encoding="utf-8")
    said = []
    for seed in "12":
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        said.append([record for record in run(CHECK, file) if isinstance(record, Fails)])
    assert said[0] and said[0] == said[1]


def test_global_random_numbers_make_no_difference(tmp_path):
    """A file that draws from a source that nobody seeded draws the same in each run of a check."""
    reference = (ROOT / "scaffolds" / "reference" / "sampler.py").read_text(encoding="utf-8")
    file = tmp_path / "unseeded.py"
    draw, seeded = "num_samples=1", ", generator=generator)"
    assert draw + seeded in reference
    file.write_text(reference.replace(draw + seeded, "1)").replace("< kth", "> kth"), "utf-8")
    check = ROOT / "checks" / "04_generation_test.py"
    said = [[one for one in run(check, file) if isinstance(one, Fails)] for _ in range(3)]
    assert "shares" in said[0][0].problem.expected and said[0] == said[1] == said[2]


def test_ctrl_c_keeps_what_is_known(searched):
    """Ctrl-C ends the search with the changes found so far, and the report says so."""
    mend = "Mend(N, N, N, False, '', '', [], '', 1, False, False)"

    def interrupt(tried, planned):
        raise KeyboardInterrupt

    one, mends = searched(f"tell({mend})\nimport time; time.sleep(0.2)", 1, progress=interrupt)
    assert one.stopped and len(mends) == 1
    assert "ended the search" in remarks_of(one)[0]


def test_code_that_hangs_in_c_is_ended():
    """A change that never comes back from C ends its process, though no round of Python begins."""
    code = (
        "import itertools, os; from tutor.finding.time_limit import Alarm\n"
        "Alarm(os._exit).set(0.2)\nmax(itertools.repeat(1))"
    )
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "checks", capture_output=True, timeout=120
    )
    assert result.returncode == 1 and time.monotonic() - started < 100
