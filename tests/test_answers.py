"""The answers that language models gave to the recipes: the pages count them rightly."""

import re
import sys

import pytest
from tutor.facts.lab import Lab
from tutor.facts.words import facts_of
from tutor.finding.prover import SLOW
from tutor.running import module, source
from tutor.running.child import load_check

from tests.judge_answers import ANSWERS, ROOT
from tests.try_recipe import PARTS, RECIPES, prompt

STEMS = sorted(path.stem for path in RECIPES.glob("0*.md"))


@pytest.fixture
def passes():
    """A function that tells whether an answer passes its check, without the slow facts."""
    before = {name: value for name, value in sys.modules.items() if name.startswith("mini_gpt.")}

    def run(path):
        check = load_check(ROOT / "checks" / f"{path.parent.name}_test.py")
        try:
            lab = Lab(module.run(f"mini_gpt.{check.MODULE}", source.read(path)))
            for fact in facts_of(check):
                if fact.seconds <= SLOW:
                    fact(lab)
        except Exception:
            return False
        lab.close()
        return True

    yield run
    for name in [name for name in sys.modules if name.startswith("mini_gpt.")]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.mark.filterwarnings("ignore")  # what an answer warns of is its own business
@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("part", PARTS)
def test_record_is_true(passes, stem, part):
    """The record in a recipe gives the number of runs, and how many of the saved answers pass."""
    answers = sorted((ANSWERS / stem).glob(f"{part}_*.py"))
    page = (RECIPES / f"{stem}.md").read_text(encoding="utf-8")
    runs, passed = re.search(
        rf"^\| .*\(`{part}`\) \| (\d+) \| (\d+) \|", page, re.MULTILINE
    ).groups()
    assert int(runs) == len(answers) >= 5
    assert int(passed) == sum(passes(answer) for answer in answers)


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("part", PARTS)
def test_every_prompt_can_be_printed(stem, part):
    """Each prompt of each recipe is found, and holds no mark of the page around it."""
    assert len(prompt(stem, part)) > 200
    assert "```" not in prompt(stem, part)


def test_totals_are_true():
    """The totals in the README of the recipes are the sums of the records."""
    readme = (RECIPES / "README.md").read_text(encoding="utf-8")
    for part, heading in PARTS.items():
        name = heading.strip("# ")
        rows = [
            re.search(rf"\(`{part}`\) \| (\d+) \| (\d+) \|", page.read_text(encoding="utf-8"))
            for page in RECIPES.glob("0*.md")
        ]
        runs, passed = (sum(int(row.group(n)) for row in rows) for n in (1, 2))
        assert f"| {name} | {runs} | {passed} |" in readme
