"""The borrowed form of a learner's module: a docstring that says what to do, and one import."""

from mini_gpt.loops import Loop
from mini_gpt.paths import ROOT

WIDTH = 100

TEXT = '''"""Loop {number}, {title}: still borrowed from the reference. Make it yours.

Start with `recipes/{stem}.md`,
or copy `scaffolds/{stem}_skeleton.py` over this file.
Then run `python checks/{stem}_test.py`. To escape, put the line below back.
"""

{line}

__all__ = [{quoted}]
'''


def import_line(loop: Loop) -> str:
    """Return the line that borrows the module."""
    names = ", ".join(
        sorted(loop.names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    )
    return f"from scaffolds.reference.{loop.module} import {names}"


def import_lines(loop: Loop) -> str:
    """Return the same, one name a line where it would be too long for a file."""
    line = import_line(loop)
    if len(line) <= WIDTH:
        return line
    module, _, names = line.partition(" import ")
    return f"{module} import (\n" + "".join(f"    {n},\n" for n in names.split(", ")) + ")"


def borrowed(loop: Loop) -> str:
    """Return the text of the borrowed module."""
    quoted = ", ".join(f'"{name}"' for name in loop.names)
    return TEXT.format(line=import_lines(loop), quoted=quoted, **vars(loop))


def is_the_learners(loop: Loop) -> bool:
    """Tell whether the module is the learner's own by now. Then it is not ours to write."""
    path = ROOT / "mini_gpt" / f"{loop.module}.py"
    if not path.exists():
        return False
    text = path.read_text(encoding="utf-8")
    return import_line(loop) not in text and import_lines(loop) not in text
