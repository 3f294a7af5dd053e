"""Slips in rows: slices, tuples and lists, comparisons, dictionaries; and what is one part only."""

import ast
from collections.abc import Iterator

from tutor.slips.edit import Editor
from tutor.slips.kinds import Place
from tutor.slips.leaves import Change
from tutor.slips.scope import Scope, unique
from tutor.slips.words import COMPARISONS

PARTS = (ast.Call, ast.Subscript, ast.Name, ast.BinOp, ast.Attribute, ast.Constant)
LOOPS = (ast.For, ast.comprehension)
SAME = (("+", "+"), ("+", "-"), ("*", "*"), ("*", "/"))
"""Here it makes no difference what is done first."""
ONE_RESULT = "one of the results"
"""What was made for the other results is not used any more then. That is no way around."""
NEIGHBOUR, TURNED = "a neighbouring comparison", "the comparison turned round"


def subscript(place: Place, editor: Editor) -> Iterator[Change]:
    """Change the slices in brackets."""
    node = place.node
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    codes = [editor.code(part) for part in parts]
    for number, part in enumerate(parts):
        is_slice = isinstance(part, ast.Slice)
        changed = slice_changes(part, place.scope, editor) if is_slice else ranges(codes[number])
        for name, new in changed:
            row = ", ".join([*codes[:number], new, *codes[number + 1 :]])
            yield name, f"{editor.part(node.value)}[{row}]"


def uncut(place: Place, editor: Editor) -> Iterator[Change]:
    """Take all slices out of a call, where there are several, none inside another."""
    code, (start, _) = editor.code(place.node), editor.span(place.node)
    sliced = [node for node in ast.walk(place.node) if is_sliced(node)]
    sliced.sort(key=editor.span, reverse=True)  # from the last to the first: the others stay put
    ends = [editor.span(node) for node in sliced]
    if len(sliced) < 2 or any(two[1] > one[0] for one, two in zip(ends, ends[1:])):
        return
    for node, (first, last) in zip(sliced, ends):
        code = code[: first - start] + editor.part(node.value) + code[last - start :]
    yield "no slice at all", code


def is_sliced(node: ast.AST) -> bool:
    """Tell whether an expression cuts something at its end or beginning."""
    return isinstance(node, ast.Subscript) and any(
        isinstance(part, ast.Slice) and (part.lower or part.upper) for part in ast.walk(node.slice)
    )


def ranges(code: str) -> Iterator[Change]:
    """Yield slices in the place of an index: that place alone, or what stands before or behind."""
    for new in (f"{code}:{code} + 1", f":{code}", f"{code}:"):
        yield "a slice in place of an index", new


def slice_changes(part: ast.Slice, scope: Scope, editor: Editor) -> Iterator[Change]:
    """Yield a slice with its ends changed."""
    lower = editor.code(part.lower) if part.lower else ""
    upper = editor.code(part.upper) if part.upper else ""
    yield from (("an end of a slice", new) for new in other_ends(lower, upper))
    if lower and upper:
        yield from (("both ends of a slice", f"{lower} {sign} 1:{upper} {sign} 1") for sign in "+-")
    if not upper:
        yield from (("a name as the end of a slice", f"{lower}:{name}") for name in scope.own)
    if not lower:
        yield from (("a name as the end of a slice", f"{name}:{upper}") for name in scope.own)


def other_ends(lower: str, upper: str) -> Iterator[str]:
    """Yield a slice without one of its ends, or with an end moved."""
    yield ":"
    if lower and upper:
        yield f"{lower}:"
    if upper:
        minus = f"-{upper}:" if upper.isidentifier() else f"-({upper}):"
        yield from (f":{upper}", minus, "1:")
    if upper and not lower:
        yield from (f"{upper}:", f"1:{upper}")
    if lower and not upper:
        yield from (f":{lower}", f":{lower.lstrip('-')}", f"{lower}:-1")


def tuple_or_list(place: Place, editor: Editor) -> Iterator[Change]:
    """Exchange two neighbours of a row, or leave one out."""
    node = place.node
    is_kept = isinstance(node.ctx, ast.Store) and not isinstance(place.parent, LOOPS)
    if is_kept or len(node.elts) > 6:
        return
    codes = [editor.code(element) for element in node.elts]
    open_, close = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
    if editor.code(node)[0] not in "[(":
        open_ = close = ""
    for one in range(len(codes) - 1):
        order = [*codes[:one], codes[one + 1], codes[one], *codes[one + 2 :]]
        yield "two neighbours of a row", f"{open_}{', '.join(order)}{close}"
    if isinstance(place.parent, ast.Return):
        yield from ((ONE_RESULT, code) for code in codes)
    for one in range(len(codes)):
        fewer = codes[:one] + codes[one + 1 :]
        if len(fewer) > 1 or open_ == "[":
            yield "one too many in a row", f"{open_}{', '.join(fewer)}{close}"


def dictionary(place: Place, editor: Editor) -> Iterator[Change]:
    """Exchange key and value in a dict comprehension."""
    node = place.node
    key, value = editor.code(node.key), editor.code(node.value)
    loop = editor.text[editor.span(node.value)[1] : editor.span(node)[1]]
    yield "key and value", "{" + f"{value}: {key}{loop}"


def entries(place: Place, editor: Editor) -> Iterator[Change]:
    """Add an entry to a dict: a key that the file looks for, with what has that name."""
    node, scope = place.node, place.scope
    present = {key.value for key in node.keys if isinstance(key, ast.Constant)}
    start, end = editor.span(node)
    behind = editor.span(node.values[-1])[1] if node.values else end
    for key in (key for key in scope.keys if present and key not in present):
        named = [f"{name}.{key}" for name in scope.own]
        for value in unique([key, f"self.{key}", *named, *scope.own]):
            before, rest = editor.text[start:behind], editor.text[behind:end]
            yield "an entry that is missing", f'{before}, "{key}": {value}{rest}'


def regroup(place: Place, editor: Editor) -> Iterator[Change]:
    """Calculate another part of an expression first."""
    node = place.node
    if isinstance(node, ast.IfExp):
        yield from (("what is done first", code) for code in regrouped_choice(node, editor))
        return
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and (sign(left), sign(node)) not in SAME:
        inner = f"({editor.part(left.right)} {sign(node)} {editor.part(right)})"
        yield "what is done first", f"{editor.part(left.left)} {sign(left)} {inner}"
    if isinstance(right, ast.BinOp) and (sign(node), sign(right)) not in SAME:
        inner = f"({editor.part(left)} {sign(node)} {editor.part(right.left)})"
        yield "what is done first", f"{inner} {sign(right)} {editor.part(right.right)}"


def regrouped_choice(node: ast.IfExp, editor: Editor) -> Iterator[str]:
    """Yield a choice of which a part is calculated in both cases."""
    test, one, two = node.test, node.body, node.orelse
    if isinstance(two, ast.BinOp):
        inner = f"{editor.part(one)} if {editor.part(test)} else {editor.part(two.left)}"
        yield f"({inner}) {sign(two)} {editor.part(two.right)}"
    if isinstance(one, ast.BinOp):
        inner = f"{editor.part(one.right)} if {editor.part(test)} else {editor.part(two)}"
        yield f"{editor.part(one.left)} {sign(one)} ({inner})"


def sign(node: ast.BinOp) -> str:
    """Return the operator of a calculation as it is written."""
    return ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]


def compare(place: Place, editor: Editor) -> Iterator[Change]:
    """Change one operator of a comparison."""
    node = place.node
    codes = [editor.part(part) for part in (node.left, *node.comparators)]
    words = [word_of(op) for op in node.ops]
    for number, word in enumerate(words):
        neighbour, turned = COMPARISONS[word]
        for other in (neighbour, *turned.split()):
            name = NEIGHBOUR if other == neighbour else TURNED
            yield name, chain(codes, [*words[:number], other, *words[number + 1 :]])


def word_of(op: ast.cmpop) -> str:
    """Return a comparison operator as it is written."""
    return ast.unparse(ast.Compare(ast.Name("a"), [op], [ast.Name("b")]))[2:-2]


def chain(codes: list[str], words: list[str]) -> str:
    """Join operands and operators to one comparison."""
    return codes[0] + "".join(f" {word} {code}" for word, code in zip(words, codes[1:]))


def one_part(place: Place, editor: Editor) -> Iterator[Change]:
    """Keep one part of an expression only."""
    for part in ast.walk(place.node):
        is_value = isinstance(part, PARTS) and not isinstance(getattr(part, "value", 0), str)
        if is_value and part is not place.node and not place.scope.is_imported(part):
            yield "one part only", editor.part(part)
