"""Slips in brackets: slices, rows of values, comprehensions."""

import ast
from collections.abc import Iterator

from tutor.slips.edit import Editor
from tutor.slips.leaves import is_text
from tutor.slips.scope import Scope
from tutor.slips.tables import SPECIAL_TOKENS, Change


def subscript(node, parent, scope, editor) -> Iterator[Change]:
    """Change what stands in brackets: the first for the last, a slice without its ends."""
    value = editor.part(node.value)
    hint = "look at what is in the brackets"
    for other in scope.unused:
        yield f"{value}[{other}[{editor.code(node.slice)}]]", 2, f"{other} is there, but not used"
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    codes = [editor.code(part) for part in parts]
    for place, part in enumerate(parts):
        if isinstance(part, ast.Slice):
            for new, cost in slice_changes(part, scope, editor):
                row = ", ".join([*codes[:place], new, *codes[place + 1 :]])
                yield f"{value}[{row}]", cost, hint
    if len(parts) == 1:
        yield f"{value}[:, {codes[0]}]", 2, hint
    if isinstance(node.ctx, ast.Store):
        return
    yield value, 1, hint
    if parts and not isinstance(parts[-1], ast.Slice):
        for new in (f":{codes[-1]}", f"{codes[-1]}:", f"{codes[-1]}:{codes[-1]} + 1"):
            yield f"{value}[{', '.join([*codes[:-1], new])}]", 3, hint
    if len(parts) == 1 and not isinstance(parts[0], ast.Slice):
        yield f"{value}({codes[0]})", 3, "brackets, or parentheses?"
        if is_text(parts[0]):
            yield f"{value}.{parts[0].value}", 3, "an attribute, or a key?"
        if "__missing__" not in editor.text:
            yield f"{value}.get({codes[0]}, 1)", 2, hint
    for other in scope.unused:
        yield f"{value}[{', '.join(codes)}, {other}:]", 2, f"{other} is there, but not used"
    if len(parts) == 1 and isinstance(parts[0], ast.Slice) and not parts[0].upper:
        for other in scope.own:
            yield f"{value}[-{other}:]", 2, hint
    if len(parts) == 2 and codes[0] == ":":
        yield f"{value}[{codes[1]}]", 2, hint


def slice_changes(part: ast.Slice, scope: Scope, editor: Editor) -> Iterator[tuple[str, int]]:
    """Yield a slice with its ends changed, and the cost of it."""
    lower = editor.code(part.lower) if part.lower else ""
    upper = editor.code(part.upper) if part.upper else ""
    yield from ((new, 1) for new in other_ends(lower, upper))
    if not upper:
        yield from ((f"{lower}:{name}", 3) for name in scope.own)
    if not lower:
        yield from ((f"{name}:{upper}", 3) for name in scope.own)


def other_ends(lower: str, upper: str) -> Iterator[str]:
    """Yield a slice without one of its ends, or with an end moved."""
    yield ":"
    if lower:
        yield f"{lower}:"
    if upper:
        yield from (f":{upper}", f"-{upper}:" if upper.isidentifier() else f"-({upper}):", "1:")
    if upper and not lower:
        yield f"{upper}:"
    if lower and upper:
        yield from (f"{lower} + 1:{upper} + 1", f"{lower} - 1:{upper} - 1")
    if lower and not upper:
        yield from (f":{lower}", f":{lower.lstrip('-')}")
    if not lower:
        yield from (f"1:{upper}", f"3:{upper}")
    if not upper:
        yield f"{lower}:-1"


def tuple_or_list(node, parent, scope, editor) -> Iterator[Change]:
    """Swap two neighbours of a row, or leave one out."""
    if isinstance(node.ctx, ast.Store) or len(node.elts) > 6:
        return
    codes = [editor.code(element) for element in node.elts]
    open_, close = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
    for place in range(len(codes) - 1):
        new = [*codes[:place], codes[place + 1], codes[place], *codes[place + 2 :]]
        yield f"{open_}{', '.join(new)}{close}", 1, "look at the order in it"
    if isinstance(parent, ast.Return):
        yield from ((code, 2, "look at what is returned") for code in codes)
    present = [token for token in SPECIAL_TOKENS if f'"{token}"' in codes]
    if 0 < len(present) < 3:
        others = [code for code in codes if code.strip('"') not in SPECIAL_TOKENS]
        new = [f'"{token}"' for token in SPECIAL_TOKENS] + others
        yield f"{open_}{', '.join(new)}{close}", 1, "look at what stands in the row"
    for place in range(len(codes)):
        new = codes[:place] + codes[place + 1 :]
        if len(new) > 1 or open_ == "[":
            yield f"{open_}{', '.join(new)}{close}", 3, "look at what stands in the row"


def shared(node, parent, scope, editor) -> Iterator[Change]:
    """Make a default of a dataclass anew for each object, instead of sharing one."""
    if isinstance(parent, ast.AnnAssign):
        yield "field(default_factory=dict)", 1, "is this one value, shared by all?"


def comprehension(node, parent, scope, editor) -> Iterator[Change]:
    """Change a dict comprehension: key and value the other way round, or a filter away."""
    if isinstance(node, ast.DictComp):
        key, value = editor.code(node.key), editor.code(node.value)
        loop = editor.text[editor.span(node.value)[1] : editor.span(node)[1]]
        yield "{" + f"{value}: {key}{loop}", 1, "look at key and value in it"
    if isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Name):
        copy = "copy.deepcopy" if "copy" in scope.imports else '__import__("copy").deepcopy'
        copy = "deepcopy" if "deepcopy" in scope.imports else copy
        elt = editor.code(node.elt)
        code = editor.code(node).replace(elt, f"{copy}({elt})", 1)
        yield code, 1, "are these several things, or one?"
    for generator in node.generators:
        for condition in generator.ifs:
            elt = getattr(node, "elt", None)
            for other in ("1", *scope.named("unk")) if elt else ():
                head = f"{editor.code(elt)} if {editor.code(condition)} else {other}"
                loop = editor.code(node)[editor.span(elt)[1] - editor.span(node)[0] :]
                loop = loop.replace(f" if {editor.code(condition)}", "", 1)
                yield f"{editor.code(node)[0]}{head}{loop}", 3, "look at the if in it"
            code = editor.code(node).replace(f" if {editor.code(condition)}", "", 1)
            yield code, 1, "look at the if in it"
    if isinstance(node, ast.GeneratorExp) and isinstance(parent, ast.Return):
        yield f"list({editor.code(node)})", 1, "look at the type of what comes out"
