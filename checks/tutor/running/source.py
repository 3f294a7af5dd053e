"""The learner's file as text: can it be read as Python, and what is still to write?"""

import ast
from dataclasses import dataclass
from pathlib import Path

from tutor.running.problem import Place, Problem, short


class NotAProgram(Exception):
    """The file cannot be run at all. Holds the problem."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(problem.got)


@dataclass
class Source:
    """A learner's file, read and understood as Python."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """The lines of the file, without line ends. Python begins a new one after "\\n" only."""
        return self.text.removesuffix("\n").split("\n")

    def place(self, line: int) -> Place:
        """Return one line as a place."""
        text = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        return Place(short(self.path), line, text, function=self.function_at(line))

    def functions(self) -> dict[str, ast.FunctionDef]:
        """Return all functions by their full name, such as "MiniGPT.forward"."""
        found = {}

        def visit(node: ast.AST, prefix: str) -> None:
            for child in ast.iter_child_nodes(node):
                name = prefix
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    name = f"{prefix}.{child.name}".lstrip(".")
                    if not isinstance(child, ast.ClassDef):
                        found[name] = child
                visit(child, name)

        visit(self.tree, "")
        return found

    def function_at(self, line: int) -> str:
        """Return the name of the innermost function around a line, or ""."""
        around = [
            (node.lineno, name)
            for name, node in self.functions().items()
            if node.lineno <= line <= node.end_lineno
        ]
        return max(around)[1] if around else ""

    def end_of_loop(self, line: int) -> int:
        """Return the last line of the loop that begins on a line, or else the line itself."""
        loops = (node for node in ast.walk(self.tree) if isinstance(node, ast.While | ast.For))
        return max((loop.end_lineno for loop in loops if loop.lineno == line), default=line)

    def code_line_after(self, line: int) -> int:
        """Return the next line that is neither empty nor a comment."""
        behind = enumerate(self.lines[line:], line + 1)
        code = (n for n, text in behind if text.strip() and not text.lstrip().startswith("#"))
        return next(code, line)

    def range_of(self, name: str) -> Place | None:
        """Return a function or class as a place, from its first line to its last."""
        nodes = dict(self.functions())
        nodes.update({n.name: n for n in self.tree.body if isinstance(n, ast.ClassDef)})
        node = nodes.get(name)
        if node is None:
            return None
        return Place(short(self.path), node.lineno, function=name, last=node.end_lineno)


def read(path: Path) -> Source:
    """Read a learner's file.

    Raises:
        NotAProgram: it is missing, is not text, or is not Python; with the very line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = "it is a folder" if path.is_dir() else f"it cannot be read: {error.strerror}"
        raise unreadable(path, "a Python file", what) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        what = f"line {line} holds a byte that is not UTF-8 text: save the file as UTF-8"
        raise unreadable(path, "UTF-8 text", what, line) from None
    if not text.strip():
        raise unreadable(path, "a Python file", "the file is empty")
    try:
        return Source(path, text, ast.parse(text))
    except (SyntaxError, ValueError) as error:
        raise NotAProgram(syntax_problem(path, text, error)) from None


def unreadable(path: Path, expected: str, got: str, line: int = 0) -> NotAProgram:
    """Say why a file cannot be read."""
    return NotAProgram(Problem("reading the file", expected, got, Place(short(path), line)))


def syntax_problem(path: Path, text: str, error: SyntaxError | ValueError) -> Problem:
    """Explain why a text is not Python. Most often, a chat's wrapping was pasted with the code."""
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines, 1) if line.lstrip().startswith("```")]
    number = getattr(error, "lineno", None) or 1
    got = getattr(error, "msg", None) or str(error)
    problem = Problem("reading the file as Python", "Python code", got)
    if path.suffix not in ("", ".py"):
        problem.likely = f"this is a {path.suffix} file: give the check the .py file"
    elif fences:
        first, last = fences[0], fences[-1] if len(fences) > 1 else 0
        chatter = f"lines 1 to {first}" if first > 1 else f"line {first}"
        if last:
            chatter += (
                f", and lines {last} to {len(lines)}" if last < len(lines) else f", and line {last}"
            )
        number, problem.got = first, "``` marks code in a chat; it is not Python"
        problem.likely = f"the chat's wrapping was pasted too: delete {chatter}"
    line = lines[number - 1].strip() if number <= len(lines) else ""
    problem.place = Place(short(path), number, line)
    return problem


def unwritten(source: Source) -> list[Place]:
    """List the functions that still raise NotImplementedError, in the order of the file."""
    places = []
    for name, node in source.functions().items():
        for statement in node.body:
            if isinstance(statement, ast.Raise) and "NotImplementedError" in ast.dump(statement):
                place = source.place(statement.lineno)
                place.function = name
                places.append(place)
    return sorted(places, key=lambda place: place.line)


def returns_nothing(function: ast.FunctionDef) -> bool:
    """Tell whether a function has no line that gives a value back, and should have one."""
    if function.name == "__init__":
        return False
    gives = (n for n in ast.walk(function) if isinstance(n, ast.Return | ast.Yield | ast.YieldFrom))
    return not any(node.value is not None or isinstance(node, ast.Yield) for node in gives)


def names_on(source: Source, line: int) -> list[str]:
    """List the names that the statement on a line uses, each once, such as ["q", "self.n_head"]."""
    names = []
    for statement in ast.walk(source.tree):
        if isinstance(statement, ast.stmt) and covers(statement, line):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name | ast.Attribute) and covers(node, line):
                    names.append(ast.unparse(node))
    return list(dict.fromkeys(names))


def covers(node: ast.AST, line: int) -> bool:
    """Tell whether a node stands on a line. Of a compound statement only its head counts."""
    if isinstance(node, ast.While | ast.If):
        return node.lineno <= line <= node.test.end_lineno
    if hasattr(node, "body") and isinstance(node.body, list):
        return node.lineno == line
    return node.lineno <= line <= node.end_lineno
