"""Check a folder of answers, and print how many pass: python tools/judge_answers.py [FOLDER].

The folder holds one folder for each recipe. An answer is a .py file, or a .md file as the chat gave
it. The part before the last underscore names its prompt, such as prompt_1.py. Answers that are the
same as a module in tests/modules/ need no file, but a row in same.csv: recipe, answer, style.
"""

import csv
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = ROOT / "tests" / "answers"
MODULES = ROOT / "tests" / "modules"


def answers_in(folder: Path, stem: str) -> dict[str, Path]:
    """Return the file of each answer to a recipe, by the name of the answer."""
    files = {file.stem: file for file in (folder / stem).glob("*_*.*")}
    table = folder / "same.csv"
    if table.exists():
        with table.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row["recipe"] == stem:
                    files[row["answer"]] = MODULES / stem / "right" / f"{row['style']}.py"
    return dict(sorted(files.items()))


def code_of(answer: Path) -> str:
    """Return the module in an answer: the file itself, or the last block of code in a chat."""
    text = answer.read_text(encoding="utf-8")
    if answer.suffix == ".py":
        return text
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    code = [block for language, block in blocks if language in ("", "python", "py")]
    return code[-1] if code else text


def passes(stem: str, answer: Path) -> bool:
    """Run the check of a loop on an answer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.py"
        file.write_text(code_of(answer), encoding="utf-8")
        check = ROOT / "checks" / f"{stem}_test.py"
        process = subprocess.run([sys.executable, str(check), str(file)], capture_output=True)
        return process.returncode == 0


def counts(folder: Path) -> tuple[Counter, Counter]:
    """Return how many answers there are, and how many pass, by (recipe, prompt)."""
    runs, passed = Counter(), Counter()
    for recipe in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        for name, answer in answers_in(folder, recipe).items():
            key = (recipe, name.rpartition("_")[0])
            runs[key] += 1
            passed[key] += passes(recipe, answer)
    return runs, passed


def main() -> None:
    """Print the table."""
    runs, passed = counts(Path(sys.argv[1]) if sys.argv[1:] else ANSWERS)
    print("| recipe | prompt | runs | passed |\n|---|---|---:|---:|")
    for (stem, part), number in sorted(runs.items()):
        print(f"| {stem} | {part} | {number} | {passed[stem, part]} |")


if __name__ == "__main__":
    main()
