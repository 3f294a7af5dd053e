"""Makes a skeleton from the reference: signatures, docstrings and comments stay, answers go."""

import ast

from mini_gpt.loops import Loop
from mini_gpt.paths import ROOT

NOTE = """
# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/{stem}_test.py scaffolds/{stem}_skeleton.py
# Or take it over:  cp scaffolds/{stem}_skeleton.py mini_gpt/{module}.py
"""

TAIL = """

if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys

    check = Path(__file__).resolve().parents[1] / "checks" / "{stem}_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
"""


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions and methods of a module by their full name, such as "Block.forward"."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [child for child in node.body if isinstance(child, ast.FunctionDef)]
            found |= {f"{node.name}.{method.name}": method for method in methods}
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = node
    return found


def is_kept(function: ast.FunctionDef) -> bool:
    """Tell whether a function stays whole: a constructor that only lists the layers of a module."""
    return function.name == "__init__" and "super().__init__()" in ast.unparse(function)


def head_end(function: ast.FunctionDef) -> int:
    """Return the last line that stays: of the docstring, or else above the first answer."""
    first = function.body[0]
    return first.end_lineno if ast.get_docstring(function) else first.lineno - 1


def comments(function: ast.FunctionDef, lines: list[str]) -> list[str]:
    """Return the own-line comments in the body of a function, as far indented as they are."""
    body = lines[head_end(function) : function.end_lineno]
    return [line for line in body if line.lstrip().startswith("#")]


def skeleton(loop: Loop) -> str:
    """Return the text of a loop's skeleton."""
    module, stem = loop.module, loop.stem
    text = (ROOT / "scaffolds" / "reference" / f"{module}.py").read_text(encoding="utf-8")
    lines, tree = text.splitlines(), ast.parse(text)
    # From the last function to the first, so that the line numbers above stay true.
    for name, function in reversed(functions(tree).items()):
        if not is_kept(function):
            task = f'raise NotImplementedError("write {name} in mini_gpt/{module}.py")'
            body = [*comments(function, lines), " " * function.body[0].col_offset + task]
            lines[head_end(function) : function.end_lineno] = body
    header = tree.body[0].end_lineno
    lines[header:header] = NOTE.format(stem=stem, module=module).rstrip().splitlines()
    skeleton_text = "\n".join(lines) + "\n" + TAIL.format(stem=stem)
    if "from pathlib import Path\n" not in skeleton_text:
        skeleton_text = skeleton_text.replace(
            "    import sys\n", "    import sys\n    from pathlib import Path\n"
        )
    return skeleton_text
