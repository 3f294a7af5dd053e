"""Print one prompt of a recipe and nothing else, to pipe it into any LLM client.

python tools/try_recipe.py 01_tokenizer [--part prompt|smaller|fails|line]
"""

import argparse
import re
from pathlib import Path

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
PARTS = {
    "prompt": "## The prompt",
    "smaller": "### Smaller steps",
    "fails": "### My check fails",
    "line": "### Repair only one line",
}


def prompt(stem: str, part: str = "prompt") -> str:
    """Return the text of one prompt.

    Args:
        stem: a recipe, such as "01_tokenizer".
        part: one of PARTS.
    """
    page = (RECIPES / f"{stem}.md").read_text(encoding="utf-8")
    section = page.split(PARTS[part] + "\n", 1)[1]
    return re.search(r"```text\n(.*?)```", section, re.DOTALL).group(1)


def main() -> None:
    """Print the prompt that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stem", choices=sorted(p.stem for p in RECIPES.glob("[0-9]*.md")))
    parser.add_argument("--part", choices=PARTS, default="prompt")
    options = parser.parse_args()
    print(prompt(options.stem, options.part), end="")


if __name__ == "__main__":
    main()
