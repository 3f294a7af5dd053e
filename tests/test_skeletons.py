"""The skeletons are what the reference gives: all its words, and none of its answers."""

import ast

import pytest

from scaffolds.make_skeletons import SCAFFOLDS, STEMS, is_kept

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def reference(module):
    """Return the path of a module of the reference."""
    return SCAFFOLDS / "reference" / f"{module}.py"


def skeleton(module):
    """Return the path of the skeleton of a module."""
    return SCAFFOLDS / f"{STEMS[module]}_skeleton.py"


def parse(path):
    """Read a file as Python."""
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(tree):
    """Return all functions and classes of a module by their full name."""
    found = {}

    def visit(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FUNCTION | ast.ClassDef):
                found[prefix + child.name] = child
                visit(child, f"{prefix}{child.name}.")

    visit(tree, "")
    return found


def to_write(module):
    """Name the functions of a module that a learner writes, such as "CharTokenizer.encode"."""
    functions = definitions(parse(reference(module))).items()
    return [n for n, node in functions if isinstance(node, FUNCTION) and not is_kept(node)]


def signature(node):
    """Return everything about a function or class but its body."""
    if isinstance(node, ast.ClassDef):
        return [ast.unparse(base) for base in node.bases]
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    returns = ast.unparse(node.returns) if node.returns else ""
    return [ast.unparse(node.args), returns, *decorators]


def answer_lines(module):
    """Return the lines of code in the functions that a learner writes, without comments."""
    functions = definitions(parse(reference(module)))
    lines = reference(module).read_text(encoding="utf-8").splitlines()
    answers = set()
    for name in to_write(module):
        for statement in functions[name].body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                answers |= set(lines[statement.lineno - 1 : statement.end_lineno])
    code = {line.strip() for line in answers}
    return {line for line in code if len(line) > 3 and not line.startswith("#")}


def test_skeletons_are_fresh(tree):
    """make_skeletons.py --check passes, and tells which one is stale."""
    result = tree.python("scaffolds/make_skeletons.py", "--check", folder=tree.root.parent)
    assert result.returncode == 2  # no such file there: a wrong start is no success
    program = tree.root / "scaffolds" / "make_skeletons.py"
    result = tree.python(program, "--check", folder=tree.root.parent)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    stale = tree.root / "scaffolds" / "03_training_skeleton.py"
    stale.write_text(stale.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    result = tree.python(program, "--check")
    assert result.returncode == 1 and "03_training_skeleton.py" in result.stdout
    assert tree.python(program).returncode == 0
    assert tree.python(program, "--check").returncode == 0


@pytest.mark.parametrize("module", STEMS)
def test_words_stay(module):
    """A skeleton has the reference's names, signatures and docstrings, in the same order."""
    ours, theirs = definitions(parse(reference(module))), definitions(parse(skeleton(module)))
    assert list(ours) == list(theirs)
    assert ast.get_docstring(parse(reference(module))) == ast.get_docstring(parse(skeleton(module)))
    for name, node in ours.items():
        assert signature(node) == signature(theirs[name]), name
        assert ast.get_docstring(node) == ast.get_docstring(theirs[name]), name


@pytest.mark.parametrize("module", STEMS)
def test_comments_stay(module):
    """Every own-line comment of the reference is in the skeleton: these are the steps."""
    text = skeleton(module).read_text(encoding="utf-8")
    lines = reference(module).read_text(encoding="utf-8").splitlines()
    comments = [line.strip() for line in lines if line.strip().startswith("#")]
    places = [text.find(comment) for comment in comments]
    assert comments and -1 not in places and places == sorted(places)


@pytest.mark.parametrize("module", STEMS)
def test_answers_go(module):
    """A function to write holds a raise that names it; the others are as in the reference."""
    ours, theirs = definitions(parse(reference(module))), definitions(parse(skeleton(module)))
    for name, node in theirs.items():
        if name in to_write(module):
            body = [s for s in node.body if not isinstance(s, ast.Expr)]
            message = f"write {node.name} in mini_gpt/{module}.py"
            assert [ast.unparse(s) for s in body] == [f"raise NotImplementedError({message!r})"]
        elif isinstance(node, FUNCTION):
            assert ast.unparse(node) == ast.unparse(ours[name])
    answers, text = answer_lines(module), skeleton(module).read_text(encoding="utf-8")
    assert answers and not answers & {line.strip() for line in text.splitlines()}


def test_skeletons_run_directly(new_tree, side_by_side):
    """Run as a program, from any folder, a skeleton lists each function that is still to write."""
    tree = new_tree("skeletons")

    def start(module):
        return tree.python(tree.root / "scaffolds" / skeleton(module).name, folder=tree.root.parent)

    results = side_by_side(*[lambda module=module: start(module) for module in STEMS])
    for module, result in zip(STEMS, results, strict=True):
        named = [line for line in result.stdout.splitlines() if "not written yet" in line]
        assert result.returncode == 1 and result.stderr == ""
        assert len(named) == len(to_write(module))
        for name, line in zip(to_write(module), named, strict=True):
            assert f"{name} " in line and f"scaffolds/{skeleton(module).name}:" in line
