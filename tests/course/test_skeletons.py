"""The skeletons are what the reference gives: all its words, and none of its answers."""

import ast
import re

import pytest

from mini_gpt.loops import LOOPS
from mini_gpt.paths import ROOT
from tools.skeletons import functions, is_kept

SCAFFOLDS = ROOT / "scaffolds"
STEMS = {loop.module: loop.stem for loop in LOOPS}

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
    return [name for name, node in functions(parse(reference(module))).items() if not is_kept(node)]


def signature(node):
    """Return everything about a function or class but its body."""
    if isinstance(node, ast.ClassDef):
        return [ast.unparse(base) for base in node.bases]
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    returns = ast.unparse(node.returns) if node.returns else ""
    return [ast.unparse(node.args), returns, *decorators]


def answer_lines(module):
    """Return the lines of code in the functions that a learner writes, without comments."""
    written = functions(parse(reference(module)))
    lines = reference(module).read_text(encoding="utf-8").splitlines()
    answers = set()
    for name in to_write(module):
        for statement in written[name].body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                answers |= set(lines[statement.lineno - 1 : statement.end_lineno])
    code = {line.strip() for line in answers}
    return {line for line in code if len(line) > 3 and not line.startswith("#")}


def test_skeletons_are_fresh(tree):
    """generate.py --check passes, and tells which file is stale."""
    result = tree.python("tools/generate.py", "--check", folder=tree.root.parent)
    assert result.returncode == 2  # no such file there: a wrong start is no success
    program = tree.root / "tools" / "generate.py"
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


def is_comment(line):
    """Tell whether a line holds a comment and nothing else."""
    return line.lstrip().startswith("#")


def own_lines(module):
    """Return the lines of a module of the reference."""
    return reference(module).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("module", STEMS)
def test_comments_stay(module):
    """Every own-line comment of the reference is in the skeleton, as far indented, in order."""
    steps = [line for line in own_lines(module) if is_comment(line)]
    lines = skeleton(module).read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("# Or take it"))
    end = lines.index('if __name__ == "__main__":')
    assert steps == [line for line in lines[start + 1 : end] if is_comment(line)]


def test_a_step_of_a_loop_stands_deeper():
    """In the skeleton of train, a step is one deeper than "for each step", which is named."""
    text = skeleton("trainer").read_text(encoding="utf-8")
    loop = re.search(r"^( +)# Take one step after the other", text, re.MULTILINE)
    step = re.search(r"^( +)# Guess: ", text, re.MULTILINE)
    assert len(step[1]) == len(loop[1]) + 4 and "optimizer" in text[: loop.start()]


def places_to_explain(function):
    """Yield, for each loop and each raise, the lines above which a comment may explain it."""

    def visit(node, around):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.For | ast.While):
                yield child, [child.lineno]
            elif isinstance(child, ast.Raise):
                yield child, [child.lineno, around.lineno]
            deeper = isinstance(child, ast.If | ast.ExceptHandler)
            yield from visit(child, child if deeper else around)

    return visit(function, function)


@pytest.mark.parametrize("module", STEMS)
def test_every_loop_and_refusal_is_a_step(module):
    """Each loop and each raise of the reference, also in a constructor, has a comment above it."""
    lines = own_lines(module)
    for name, function in functions(parse(reference(module))).items():
        for node, above in places_to_explain(function):
            assert any(is_comment(lines[line - 2]) for line in above), (name, ast.unparse(node))


@pytest.mark.parametrize("module", STEMS)
def test_every_function_has_steps(module):
    """No function that a learner writes is left without a comment."""
    for name, function in functions(parse(reference(module))).items():
        body = own_lines(module)[function.lineno : function.end_lineno]
        assert is_kept(function) or any(map(is_comment, body)), name


def layers(constructor):
    """Return the names of the layers that a constructor makes, such as "norm_1"."""
    made = [node for node in ast.walk(constructor) if isinstance(node, ast.Assign)]
    made = [node for node in made if isinstance(node.value, ast.Call)]
    return [node.targets[0].attr for node in made]


def test_every_layer_is_spoken_of():
    """Each layer that an __init__ makes is named in the comments of the forward that uses it."""
    found, lines = functions(parse(reference("transformer"))), own_lines("transformer")
    made = {name: layers(node) for name, node in found.items() if is_kept(node)}
    assert sum(map(len, made.values())) == 11
    for name, its_layers in made.items():
        forward = found[name.replace("__init__", "forward")]
        comments = filter(is_comment, lines[forward.lineno : forward.end_lineno])
        words = set(re.findall(r"\w+", " ".join(comments)))
        assert not set(its_layers) - words, name


@pytest.mark.parametrize("module", STEMS)
def test_answers_go(module):
    """A function to write holds a raise that names it; the others are as in the reference."""
    ours, theirs = definitions(parse(reference(module))), definitions(parse(skeleton(module)))
    for name, node in theirs.items():
        if name in to_write(module):
            body = [s for s in node.body if not isinstance(s, ast.Expr)]
            message = f"write {name} in mini_gpt/{module}.py"
            assert [ast.unparse(s) for s in body] == [f"raise NotImplementedError({message!r})"]
        elif isinstance(node, FUNCTION):
            assert ast.unparse(node) == ast.unparse(ours[name])
    answers, text = answer_lines(module), skeleton(module).read_text(encoding="utf-8")
    assert answers and not answers & {line.strip() for line in text.splitlines()}


@pytest.mark.slow
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
