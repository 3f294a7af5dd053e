"""Make everything that follows from mini_gpt/loops.py and the reference.

python tools/generate.py            writes the skeletons, the borrowed modules and the tables
python tools/generate.py --check    writes nothing, and fails if one of them is stale

A module of mini_gpt/ that a learner has made their own is left alone.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

from mini_gpt.loops import LOOPS  # noqa: E402
from tools.borrowed import borrowed, is_the_learners  # noqa: E402
from tools.skeletons import skeleton  # noqa: E402
from tools.tables import PAGES, filled  # noqa: E402


def generated() -> dict[Path, str]:
    """Return each generated file with the text that it should have."""
    texts = {page: filled(page) for page in PAGES}
    for loop in LOOPS:
        texts[ROOT / "scaffolds" / f"{loop.stem}_skeleton.py"] = skeleton(loop)
        if not is_the_learners(loop):
            texts[ROOT / "mini_gpt" / f"{loop.module}.py"] = borrowed(loop)
    return texts


def is_stale(path: Path, text: str) -> bool:
    """Tell whether a file is missing, or has another text."""
    return not path.exists() or path.read_text(encoding="utf-8") != text


def main(arguments: list[str]) -> int:
    """Write what is stale, or only tell it. Returns 1 if --check found something, else 0."""
    stale = {path: text for path, text in generated().items() if is_stale(path, text)}
    for path, text in stale.items():
        name = path.relative_to(ROOT).as_posix()
        if arguments == ["--check"]:
            print(f"stale: {name}; run python tools/generate.py")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {name}")
    return 1 if stale and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
