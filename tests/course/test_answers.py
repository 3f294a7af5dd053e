"""The answers that language models gave to the recipes: the pages count them rightly."""

import functools
import re

import pytest

from mini_gpt.loops import loop_of
from tests.running import failure_on
from tools.judge_answers import ANSWERS, answers_in
from tools.try_recipe import PARTS, RECIPES, prompt

STEMS = sorted(path.name for path in ANSWERS.iterdir() if path.is_dir())


@functools.cache
def passes(stem, answer):
    """Tell whether an answer passes its check, without the facts that take long."""
    return failure_on(loop_of(stem), answer) is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what an answer warns of is its own business
@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("part", PARTS)
def test_record_is_true(stem, part):
    """The record in a recipe gives the number of runs, and how many of the saved answers pass."""
    every = answers_in(ANSWERS, stem).items()
    answers = [file for name, file in every if name.rpartition("_")[0] == part]
    page = (RECIPES / f"{stem}.md").read_text(encoding="utf-8")
    record = re.search(rf"^\| .*\(`{part}`\) \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    if record is None:
        assert f"(`{part}`) | not tried yet | | |" in page and not answers
        return
    runs, passed = map(int, record.groups())
    assert runs == len(answers) >= 5
    assert passed == sum(passes(stem, answer) for answer in answers)


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
            for page in RECIPES.glob("[0-9]*.md")
        ]
        tried = [row for row in rows if row]  # the others say "not tried yet"
        runs, passed = (sum(int(row.group(n)) for row in tried) for n in (1, 2))
        assert f"| {name} | {runs} | {passed} |" in readme
