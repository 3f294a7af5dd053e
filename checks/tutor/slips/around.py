"""Slips around a value: one too many or too few, a wrapping that is missing or too much."""

import ast
import re
from collections.abc import Iterator

from tutor.slips.scope import Scope, divisors, unused_attributes
from tutor.slips.tables import SPECIAL_TOKENS, WHOLES, WRAPPERS, Change

PLAIN = (ast.Name, ast.Attribute, ast.BinOp)
RARE = {"tuple", "reversed", "vars", "dict", "asdict", '"".join'}


def one_more_or_less(node, parent, scope, editor) -> Iterator[Change]:
    """Add or take away 1, where something is counted: ranges, slices, sizes, comparisons."""
    counting = {"range", "randint", "arange", "islice", "topk", "randperm", "integers", "narrow"}
    counting |= {"unfold", "ones", "zeros", "empty", "full", "sample", "randrange", "kthvalue"}
    in_call = isinstance(parent, ast.Call) and editor.code(parent.func).split(".")[-1] in counting
    if isinstance(node, ast.Constant | ast.Slice | ast.Tuple | ast.Starred | ast.keyword):
        return
    code, hint = editor.code(node), "look at the number in it"
    is_index = isinstance(parent, ast.Subscript) and node is parent.slice
    is_equal = isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.Eq | ast.NotEq)
    in_call = in_call and node is not parent.func
    if is_index or in_call or isinstance(parent, ast.Slice | ast.Compare | ast.Tuple):
        for new in (f"{code} + 1", f"{code} - 1"):
            yield new, 4 if isinstance(parent, ast.Tuple) else 3 if is_equal else 1, hint
        for other in scope.own if in_call else []:
            yield f"{code} - {other}", 3, hint
            for new in (f"{other} - {code}", f"{other} - {code} + 1"):
                yield new, 3, "is it counted from the right end?"
        if isinstance(parent, ast.Slice):
            yield f"-{code}" if code.isidentifier() else f"-({code})", 1, "look at the sign in it"
    elif isinstance(parent, ast.Call) and node is not parent.func and isinstance(node, PLAIN):
        yield from ((new, 3, hint) for new in (f"{code} + 1", f"{code} - 1"))


def unwrapped(node, parent, scope, editor) -> Iterator[Change]:
    """Take a wrapping away: f(x) becomes x, x.m() becomes x."""
    if not isinstance(node, ast.Call):
        return
    hint = f"look at {editor.code(node.func).split('.')[-1]} in it"
    if isinstance(node.func, ast.Attribute) and not scope.is_imported(node.func):
        yield editor.part(node.func.value), 1, hint
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield editor.code(node.args[0]), 2, hint


def inside(node, parent, scope, editor) -> Iterator[Change]:
    """Keep one part of an expression only, or the whole without any brackets."""
    if not isinstance(node, ast.Call | ast.BinOp | ast.IfExp | ast.BoolOp | ast.Subscript):
        return
    for part in ast.walk(node):
        is_value = isinstance(part, ast.Call | ast.Subscript | ast.Name | ast.BinOp)
        if is_value and part is not node and not scope.is_imported(part):
            yield editor.part(part), 2, "is all of it needed?"
    sliced = [n for n in ast.walk(node) if isinstance(n, ast.Subscript)]
    if len(sliced) > 1:
        bare = WithoutBrackets().visit(ast.parse(f"({editor.code(node)})", mode="eval"))
        yield ast.unparse(bare), 2, "look at what is in the brackets"


class WithoutBrackets(ast.NodeTransformer):
    """Takes all brackets away: x[:, 0] becomes x."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Return what stands before the brackets."""
        return self.visit(node.value)


def wrapped(node, parent, scope, editor) -> Iterator[Change]:
    """Wrap a value that is assigned, returned or handed over: what is missing around it."""
    if isinstance(node, ast.Constant | ast.Slice | ast.Starred | ast.keyword | ast.Lambda):
        return
    is_test = node is getattr(parent, "test", None)
    if is_test or isinstance(parent, ast.comprehension) and node in parent.ifs:
        yield f"not {editor.code(node)}", 1, "look at the condition in it"
    if (is_test or isinstance(parent, ast.BoolOp)) and isinstance(node, ast.Name):
        yield f"{node.id} is not None", 2, "is 0 meant as well?"
    if isinstance(parent, ast.Call | ast.keyword) and "mask" in ast.unparse(parent):
        yield f"~{editor.part(node)}", 2, "does True hide here, or allow?"
    if not isinstance(parent, WRAPPERS):
        return
    if isinstance(parent, ast.Call) and node is parent.func:
        return
    code = editor.code(node)
    inner = f"({code})" if isinstance(node, ast.BinOp | ast.UnaryOp | ast.IfExp) else code
    yield from missing_terms(inner, node, parent, scope)
    yield from spread(code, scope)
    yield from reshaped(inner, parent)
    yield from cropped(code, inner, scope)
    yield from collected(code, inner, parent)
    yield from registered(code, node, parent, scope)
    yield from looked_up(code, parent, scope)
    yield from converted(code, inner, node, parent, scope)


def reshaped(inner: str, parent: ast.AST) -> Iterator[Change]:
    """Exchange dimensions, or take a part."""
    hint = "look at the order of the dimensions in it"
    for method in (".transpose(-2, -1)", ".transpose(1, 2)", ".contiguous()", ".clone()"):
        yield inner + method, 3, hint
    if isinstance(parent, ast.Attribute) and parent.attr in ("view", "reshape", "flatten"):
        whole = ".contiguous()" if parent.attr == "view" else ""
        yield f"{inner}.transpose(1, 2){whole}", 1, hint
        yield f"{inner}.permute(0, 2, 1, 3){whole}", 2, hint
    is_kept = isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") == "append"
    is_kept |= isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript)
    yield f"{inner}.item()", 2 if is_kept else 3, "look at what is kept: a number, or a tensor?"
    for method in (".unsqueeze(0)", "[:, -1]", "[-1]", "[0]", ".tolist()", ".flatten()"):
        yield inner + method, 4, "look at the shape of it"
    for method in (".exp()", ".log()", ".mean()", ".sum()"):
        yield inner + method, 4, "look at what is done with it"


def cropped(code: str, inner: str, scope: Scope) -> Iterator[Change]:
    """Keep the last or first few only."""
    sizes = ['model.config["block_size"]'] if "model" in scope.own else []
    for size in [*sizes, *(n for n in scope.own if re.search("block|size|limit|ctx|max|T$", n))]:
        yield f"{inner}[:, -{size}:]", 2, "look at how long it may be"
        yield f"{inner}[-{size}:]", 3, "look at how long it may be"
    for other in scope.unused:
        yield f"{inner}[:{other}]", 2, f"{other} is there, but not used"
        yield f"{inner}[{other}:]", 2, f"{other} is there, but not used"
        yield f"{other} or {code}", 3, f"{other} is there, but not used"


def collected(code: str, inner: str, parent: ast.AST) -> Iterator[Change]:
    """Make a list, a text, a dict or a row of it."""
    hint = "look at the type or sign of it"
    if isinstance(parent, ast.Assign | ast.Return | ast.For | ast.Starred | ast.comprehension):
        for maker in ("list", "tuple", '"".join', "reversed", "-", "vars", "dict", "asdict"):
            yield f"{maker}({code})", 4 if maker in RARE else 2, hint
        yield f"dict.fromkeys({code})", 3 if isinstance(parent, ast.For) else 2, "look at its order"
        yield f"dict(enumerate({code}))", 3, hint
        yield f"{inner}.getvalue()", 2, hint
    if isinstance(parent, ast.BinOp):
        yield f"list({code})", 2, hint
        yield f"({code},)", 2, hint
        yield f"[{code}]", 2, hint


def registered(code: str, node: ast.expr, parent: ast.AST, scope: Scope) -> Iterator[Change]:
    """Make numbers known to PyTorch as parameters."""
    if isinstance(parent, ast.Assign | ast.Return | ast.Call) and isinstance(node, WHOLES):
        module = "nn" if "nn" in scope.imports else "torch.nn"
        for maker in ("Parameter", "ModuleList", "ParameterDict", "ModuleDict"):
            yield f"{module}.{maker}({code})", 2, "does PyTorch know these numbers?"


def looked_up(code: str, parent: ast.AST, scope: Scope) -> Iterator[Change]:
    """Hand a value to a table or a helper: its number, what is kept for it, what becomes of it."""
    is_table = scope.owner is not None and bool(scope.owner.bases)
    for table in [*scope.tables, *(["self"] if is_table else [])]:
        yield f"{table}[{code}]", 4, "is this the thing itself, or where to find it?"
        yield f"{table}.index({code})", 5, "is this the thing itself, or where to find it?"
    for helper in scope.helpers:
        yield f"{helper}({code})", 2, f"{helper} is there, but not used"
    if isinstance(parent, ast.Call):
        for collection in scope.collections:
            yield f"torch.cat({collection}, dim=1)", 4, "look at the arguments in it"
        unused = unused_attributes(scope)
        yield from ((f"self.{name}", 2, f"self.{name} is never used") for name in unused)


def converted(code, inner, node, parent, scope) -> Iterator[Change]:
    """Turn a value into another kind of value: a distribution, a tensor, a text, a file name."""
    hint = "look at what kind of thing this is"
    if isinstance(node, ast.JoinedStr | ast.Attribute) and isinstance(parent, ast.Return):
        yield from ((f"{code}.{method}()", 2, hint) for method in ("lower", "upper", "strip"))
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Call) and isinstance(parent, ast.Call):
        yield from ((other, 3, "look at the arguments in it") for other in scope.own)
    if isinstance(parent, ast.Call | ast.Assign | ast.Attribute):
        yield f"torch.log_softmax({code}, dim=-1)", 3, hint
        yield f"torch.softmax({code}, dim=-1)", 3, hint
    if isinstance(parent, ast.Call):
        yield f"-{inner}", 2, "look at the sign of it"
        yield f"{inner} / {inner}.sum()", 3, "do these make 1 together?"
    if isinstance(parent, ast.Return):
        yield f"{code} + 3", 2, "look at what is counted"
        yield from ((f"{code}, {other}", 2, "look at what is returned") for other in scope.own)
        yield f"torch.as_tensor({code})", 2, hint
        yield from ((other, 3, "look at what is returned") for other in [*scope.own, "0", "1"])
        if "tokenizer" in scope.own:
            yield f"tokenizer.decode({code})", 2, hint
        yield from ((f"{code} - self.{name}", 3, "look at the number") for name in scope.attributes)
    if code.startswith("len("):
        yield f"{code[:-1]}.split())", 1, "what is counted?"
        yield f"{code} + 3", 2, "what is counted?"
    if isinstance(node, ast.Name) and re.search("word|count|^n", code):
        for text in ("prompt", "text", "start", "begin", "prefix"):
            if text in scope.own:
                yield f"{code} + len({text}.split())", 2, "what is counted?"
    if isinstance(parent, ast.Return | ast.Assign) and not any(t in code for t in SPECIAL_TOKENS):
        tokens = ", ".join(f'"{token}"' for token in SPECIAL_TOKENS)
        yield f"[{tokens}, *{inner}]", 2, "look at what stands in the row"
    if re.search("vocab|char", code):
        yield f"{inner}[3:]", 2, "look at where it starts"
    if "path" in code and isinstance(parent, ast.Assign):
        yield f'str({code}) + ".tmp"', 3, "which file is written to?"


def spread(code: str, scope: Scope) -> Iterator[Change]:
    """Spread a random number, from 0 to 1, over a row of sums."""
    if re.search("rand", code):
        for name in scope.own:
            yield f"{code} * {name}[-1]", 3, "how far does this reach?"


def missing_terms(code: str, node: ast.expr, parent: ast.AST, scope: Scope) -> Iterator[Change]:
    """Add what is often forgotten: the scale, the skip connection, a layer."""
    if isinstance(node, ast.Call | ast.BinOp):
        first = next(iter(scope.given), None)
        if first:
            is_product = "@" in code or re.search("einsum|matmul|bmm", code)
            cost = 1 if is_product and "softmax" not in code else 3
            yield f"{code} / {first}.shape[-1] ** 0.5", cost, "look at the scale of it"
            yield f"{code} * {first}.shape[-1] ** 0.5", 3, "look at the scale of it"
            yield f"{code} / ({code}).sum(dim=-1, keepdim=True)", 3, "do these make 1 together?"
        if isinstance(parent, ast.Assign | ast.Return | ast.Call):
            for other in scope.own:
                is_in_it = re.search(rf"\b{other}\b", code) is not None
                cost = 1 if other in scope.copies else 2 if is_in_it else 3
                yield f"{other} + {code}", cost, "look at what should be added to it"
    if isinstance(parent, ast.Assign | ast.Return | ast.Call | ast.Attribute):
        for divisor in divisors(scope):
            if divisor not in code:
                yield f"{code} / {divisor}", 2, "look at what it should be divided by"
    if isinstance(parent, ast.Assign | ast.Return | ast.Call | ast.BinOp):
        for attribute in unused_attributes(scope):
            yield f"self.{attribute}({code})", 3, "look at a layer that is not used"
            for other in scope.own:
                for length in (f"{other}.shape[1]", other):
                    places = f"self.{attribute}(torch.arange({length}))"
                    for term in (
                        places,
                        f"self.{attribute}[:{length}]",
                        f"self.{attribute}[:, :{length}]",
                    ):
                        yield f"{code} + {term}", 3, "look at a layer that is not used"
            yield f"{code} / self.{attribute}", 3, f"self.{attribute} is never used"
            for other in scope.unused:
                yield f"{code} + self.{attribute}({other})", 2, f"self.{attribute} is never used"
        for other in scope.unused:
            for term in (f"{code} / {other}", f"{code} * {other}", f"{code} + {other}"):
                yield term, 2, f"{other} is there, but not used"
