"""The repair prompt: the recipe's own words, with the learner's file and the report put in."""

import re
from pathlib import Path

from mini_gpt.paths import ROOT


def prompt(stem: str, file: Path, report: list[str]) -> str:
    """Return the prompt "My check fails" of a recipe, filled in.

    Args:
        stem: of the loop, such as "02_transformer".
        file: the learner's file.
        report: the lines that the check printed about the failure.

    Returns:
        The prompt, or "" if nothing failed.
    """
    if not report:
        return ""
    recipe = (ROOT / "recipes" / f"{stem}.md").read_text(encoding="utf-8")
    section = recipe.split("### My check fails", 1)[1]
    text = re.search(r"```text\n(.*?)```", section, re.DOTALL).group(1)
    code = file.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"\(paste mini_gpt/\w+\.py here\)", lambda _: code.rstrip(), text)
    return text.replace("(paste it here)", "\n".join(report))
