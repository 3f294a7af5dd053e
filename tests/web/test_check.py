"""What the check of loop 9 says about a page, in a process of its own, as a learner sees it."""

import re

import pytest
from tutor.finding.diagnosis import NOT_SEARCHED
from tutor.running.parent import run
from tutor.running.records import Fails, Holds, LeavesOut
from tutor.telling import report

from mini_gpt.paths import ROOT
from tests.modules import right_module, wrong_modules
from tests.web.conftest import needs

CHECK = ROOT / "checks" / "09_web_interface_test.py"
STOPPED = ["page_theme_in_blocks", "page_is_started"]
"""Here an error is raised in the line at fault."""


def made(name):
    """Return a wrong module by its name."""
    return next(wrong for wrong in wrong_modules("web") if wrong.name == name)


def test_a_chat_is_a_page_too():
    """A page in another style passes: a chat"""
    needs("gradio")
    records = list(run(CHECK, right_module("web", "chat_bubbles")))
    assert not [record for record in records if isinstance(record, Fails | LeavesOut)]
    assert sum(isinstance(record, Holds) for record in records) == 16


@pytest.mark.parametrize("name", STOPPED)
def test_wrong_pages(name, tmp_path):
    """What is wrong on a page is said, with the line that stopped"""
    needs("gradio")
    text, lines = made(name).made()
    file = tmp_path / "module.py"
    file.write_text(text, encoding="utf-8")
    (failure,) = [record for record in run(CHECK, file) if isinstance(record, Fails)]
    problem = failure.problem
    told = "\n".join([*report.failure(failure.title, problem), *report.findings(problem, problem)])
    assert re.search(made(name).says, told, re.IGNORECASE), told
    assert not failure.searched
    assert problem.place.line in lines


def test_not_searched(tree):
    """The report says that no line was looked for"""
    needs("gradio")
    tree.write("web", made("page_shown_at_the_end").made()[0])
    printed = tree.check("09_web_interface").stdout
    assert NOT_SEARCHED in printed and "in        build_page" in printed


def test_without_gradio(tree):
    """Where gradio is missing, one line says so, and all else is checked"""
    (tree.root / "gradio.py").write_text(
        "raise ModuleNotFoundError('none here', name='gradio')", encoding="utf-8"
    )
    result = tree.check("09_web_interface", PYTHONPATH=str(tree.root))
    assert result.returncode == 0
    assert result.stdout.count("gradio is not installed: pip install") == 1
    assert result.stdout.endswith("15 of 16 facts hold, 1 left out\n")
    result = tree.python("-m", "mini_gpt", "web", PYTHONPATH=str(tree.root))
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert "pip install -r requirements-web.txt" in result.stderr
