"""The answers that language models gave to the recipes: the pages count them rightly."""

import re

import pytest

from tests.judge_answers import ANSWERS
from tests.try_recipe import PARTS, RECIPES, prompt

STEMS = sorted(path.stem for path in RECIPES.glob("0*.md"))


def count(stem: str, part: str) -> int:
    """Count the saved answers to one prompt."""
    return len(list((ANSWERS / stem).glob(f"{part}_*.py")))


@pytest.mark.parametrize("stem", STEMS)
def test_record_counts_the_answers(stem):
    """The record in a recipe gives the number of saved answers for each prompt."""
    page = (RECIPES / f"{stem}.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \w[\w ]+ \(`(\w+)`\) \| (\d+) \|", page, re.MULTILINE))
    assert rows == {part: str(count(stem, part)) for part in PARTS}


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("part", PARTS)
def test_every_prompt_can_be_printed(stem, part):
    """Each prompt of each recipe is found, and holds no mark of the page around it."""
    assert len(prompt(stem, part)) > 200
    assert "```" not in prompt(stem, part)
