"""Changes of an expression: the slips that people make inside a line.

Each operator takes a node and yields (new code, cost, hint). They know Python and the terms of this
field, such as triu and softmax. They know no particular answer.
"""

import ast
import re
from collections.abc import Iterator

from tutor.edits.edit import Editor
from tutor.edits.scope import Scope, unique, unused_attributes

Change = tuple[str, int, str]

FAMILIES = [
    ("triu", "tril"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("argmax", "argmin"),
    ("max", "min"),
    ("softmax", "log_softmax", "sigmoid"),
    ("eval", "train"),
    ("sum", "mean"),
    ("cat", "stack"),
    ("any", "all"),
    ("add", "append", "discard"),
    ("append", "extend", "appendleft"),
    ("keys", "values", "items"),
    ("ceil", "floor"),
    ("squeeze", "unsqueeze"),
    ("randint", "randperm", "arange"),
    ("encode", "decode"),
    ("mul", "div"),
    ("logical_and", "logical_or"),
    ("gt", "ge", "lt", "le"),
    ("no_grad", "enable_grad"),
    ("view", "reshape"),
    ("exp", "log"),
    ("exp_", "log_"),
    ("find", "rfind", "index"),
    ("first", "last"),
    ("List", "list", "tuple", "set"),
    ("KeyError", "IndexError", "ValueError", "TypeError", "Exception", "LookupError"),
    ("sorted", "list"),
    ("replace", "rename"),
    ("sqrt", "square"),
    ("LayerNorm", "BatchNorm1d"),
    ("get", "setdefault"),
    ("setdefault", "get"),
    ("repeat", "expand"),
    ("ModuleList", "list"),
    ("float32", "int64", "float64"),
    ("Tensor", "tensor", "LongTensor"),
]
ARITHMETIC = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/ **",
    ast.Div: "* // %",
    ast.FloorDiv: "/ * %",
    ast.Mod: "// /",
    ast.Pow: "* /",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}
SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}
COMPARISONS = {
    ast.Lt: "<= > >= ==",
    ast.LtE: "< >= > ==",
    ast.Gt: ">= < <= ==",
    ast.GtE: "> <= < ==",
    ast.Eq: "!=",
    ast.NotEq: "== <",
    ast.In: "not-in",
    ast.NotIn: "in",
    ast.Is: "is-not",
    ast.IsNot: "is",
}
KEYWORDS = {
    "triu": ["diagonal=1", "diagonal=0"],
    "tril": ["diagonal=0", "diagonal=-1"],
    "triu_": ["diagonal=1"],
    "softmax": ["dim=-1"],
    "argmax": ["dim=-1", "dim=-1, keepdim=True", "keepdim=True"],
    "load": ["weights_only=True"],
    "multinomial": ["generator=generator", "num_samples=1"],
    "randint": ["generator=generator"],
    "rand": ["generator=generator"],
    "randn": ["generator=generator"],
    "randperm": ["generator=generator"],
    "sum": ["dim=-1", "dim=-1, keepdim=True", "keepdim=True"],
    "amax": ["keepdim=True"],
    "max": ["keepdim=True"],
    "MultiheadAttention": ["batch_first=True"],
    "TransformerEncoderLayer": [
        "batch_first=True",
        "norm_first=True",
        "dropout=0.0",
        "dim_feedforward=4 * n_embd",
    ],
    "Linear": ["bias=True"],
    "scaled_dot_product_attention": ["is_causal=True"],
    "sdpa": ["is_causal=True"],
    "Embedding": [],
    "baddbmm": ["alpha=q.shape[-1] ** -0.5", "beta=1"],
    "topk": ["largest=True", "largest=False"],
    "DataLoader": ["shuffle=True"],
    "mkdir": ["exist_ok=True"],
    "enumerate": ["start=3", "start=1"],
    "sort": ["descending=True"],
    "argsort": ["descending=True"],
    "sorted": ["reverse=True"],
    "get": [],
}
WHOLES = (ast.Call, ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.BinOp, ast.Attribute)
WRAPPERS = (
    ast.Assign,
    ast.AugAssign,
    ast.Return,
    ast.Call,
    ast.BinOp,
    ast.For,
    ast.Starred,
    ast.comprehension,
    ast.Attribute,
)
SPECIAL_TOKENS = ["<pad>", "<unk>", "<eos>"]


def changes(node: ast.expr, parent: ast.AST, scope: Scope, editor: Editor) -> Iterator[Change]:
    """Yield all changes of one expression."""
    yield from OPERATORS.get(type(node), lambda *_: ())(node, parent, scope, editor)
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    yield from one_more_or_less(node, parent, scope, editor)
    yield from unwrapped(node, parent, scope, editor)
    yield from wrapped(node, parent, scope, editor)


def constant(node, parent, scope, editor) -> Iterator[Change]:
    """Change a constant: a number by one, a sign, a switch, a special token."""
    value, hint = node.value, "look at the constant in it"
    if isinstance(value, bool):
        yield str(not value), 1, hint
    elif isinstance(value, int):
        near = [value + 1, value - 1, -value, 0, 1, 2, 3, -1, -2]
        near += [value * 2, value // 2] if value > 3 else []
        for number in unique(near):
            if number != value:
                yield str(number), 1 if abs(number - value) == 1 or number == -value else 2, hint
        yield "None", 3, hint
        yield from ((other, 3, hint) for other in scope.parameters if other != "self")
        if value > 9 and "model" in scope.own:
            yield 'model.config["block_size"]', 2, hint
    elif isinstance(value, float):
        yield from ((other, 3, hint) for other in scope.parameters if other != "self")
        for code in unique([repr(-value), repr(1 / value) if value else "1.0", "1.0", "0.0"]):
            yield code, 2, hint
        yield 'float("-inf")', 2, hint
    elif value is None:
        yield from ((code, 2, hint) for code in ("0", "1", "-1"))
    elif isinstance(value, str):
        if re.search(r'"\s+"', editor.code(node)):
            yield re.sub(r'"\s+"', '", "', editor.code(node)), 1, "look at the commas in it"
        others = {"": " ", " ": "", "inf": "-inf", "-inf": "inf", "w": "wb", "r": "rb", "rb": "wb"}
        texts = [others[value]] if value in others else []
        if value in SPECIAL_TOKENS:
            texts += [token for token in SPECIAL_TOKENS if token != value]
        if value.strip("<>").lower() in ("pad", "unk", "eos"):
            texts.append(f"<{value.strip('<>').lower()}>")
        texts += einsum_texts(value) if "->" in value else []
        texts += [re.sub(r"\d", digit, value) for digit in "0123" if re.search(r"[a-z_]\d", value)]
        quoted = [repr(text).replace("'", '"') for text in texts if text != value]
        yield from ((code, 1, hint) for code in quoted)
        if isinstance(parent, ast.Subscript):
            keys = [n.value for n in ast.walk(scope_tree(scope)) if is_text(n)]
            yield from ((f'"{key}"', 2, hint) for key in unique(keys) if key != value)
    if value == 0 or value == 0.0:
        yield 'float("-inf")', 2, hint


def einsum_texts(value: str) -> Iterator[str]:
    """Yield the patterns of an einsum with two neighbours exchanged in one of its parts."""
    inputs, output = value.split("->")
    parts = [*inputs.split(","), output]
    for number, part in enumerate(parts):
        for place in range(len(part) - 1):
            new = part[:place] + part[place + 1] + part[place] + part[place + 2 :]
            every = [*parts[:number], new, *parts[number + 1 :]]
            yield ",".join(every[:-1]) + "->" + every[-1]


def scope_tree(scope: Scope) -> ast.AST:
    """Return the tree in which a scope lies."""
    return scope.owner or scope.function or ast.Module([], [])


def is_text(node: ast.AST) -> bool:
    """Tell whether a node is a short text, such as a key."""
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    )


def name(node, parent, scope, editor) -> Iterator[Change]:
    """Change a name: another variable of the same function, or a relative of the same family."""
    if isinstance(node.ctx, ast.Store):
        return
    yield from relatives(node.id, "")
    called = isinstance(parent, ast.Call) and node is parent.func
    others = scope.globals if called else scope.own + scope.globals
    for other in unique(others):
        if other != node.id:
            yield other, 2 if other in scope.own else 3, f"look at {node.id} in it"
    if isinstance(parent, ast.Attribute | ast.Subscript | ast.Call) and not called:
        for attribute in scope.attributes:
            yield f"self.{attribute}", 3, f"look at {node.id} in it"


def relatives(word: str, before: str) -> Iterator[Change]:
    """Yield the other words of a word's families."""
    for family in FAMILIES:
        if word in family:
            for other in family:
                if other != word:
                    yield before + other, 1, f"look at {word}"


def attribute(node, parent, scope, editor) -> Iterator[Change]:
    """Change what stands behind a dot."""
    if isinstance(node.ctx, ast.Store):
        return
    before = editor.code(node.value) + "."
    yield from relatives(node.attr, before)
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        for other in scope.attributes:
            if other != node.attr:
                yield before + other, 2, f"look at {before}{node.attr}"
        if isinstance(parent, ast.Call) and node is not parent.func:
            for other in scope.own:
                yield other, 3, f"look at {before}{node.attr}"
    elif isinstance(node.value, ast.Name):
        for other in scope.members.get(node.value.id, []):
            if other != node.attr:
                yield before + other, 2, f"look at {before}{node.attr}"


def binary(node, parent, scope, editor) -> Iterator[Change]:
    """Change an operation: the operator, the order, or one side only."""
    left, right = editor.code(node.left), editor.code(node.right)
    symbol = SYMBOLS.get(type(node.op), "")
    hint = f"look at the {symbol or 'operator'} in it"
    for other in ARITHMETIC.get(type(node.op), "").split():
        yield f"{left} {other} {right}", 1, hint
    if symbol:
        yield f"({right}) {symbol} ({left})", 1, "look at the order in it"
    yield left, 2, hint
    yield right, 2, hint
    if isinstance(node.op, ast.Div | ast.Mult):
        for inner in calls_inside(node.left):
            moved = f"({editor.code(inner)}) {symbol} {right}"
            start, end = editor.span(node.left)
            one, two = editor.span(inner)
            code = editor.text[start:one] + moved + editor.text[two:end]
            yield code, 1, "look at where this happens: before or after?"
        yield f"{left} {symbol} {right} ** 0.5", 1, "look at the scale in it"
    if isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
        yield f"[{left[1:-1]} for _ in range({right})]", 1, "are these several things, or one?"
    if isinstance(node.op, ast.Pow):
        yield f"{left} ** 0.5", 1, hint
        yield f"{left} ** -0.5", 1, hint
    if isinstance(node.op, ast.MatMult):
        yield f"{left} {symbol} ({right}).transpose(-2, -1)", 2, "look at the shapes in it"
        yield f"({left}).transpose(-2, -1) {symbol} {right}", 3, "look at the shapes in it"


def calls_inside(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the first argument of a call, of the call in it, and so on."""
    while isinstance(node, ast.Call) and node.args:
        node = node.args[0]
        yield node


def compare(node, parent, scope, editor) -> Iterator[Change]:
    """Change a comparison: its operators, its direction, or its lower end."""
    parts = [node.left, *node.comparators]
    codes = [editor.code(part) for part in parts]
    words = [word_of(op) for op in node.ops]
    for place, op in enumerate(node.ops):
        for other in COMPARISONS.get(type(op), "").split():
            new = [*words[:place], other.replace("-", " "), *words[place + 1 :]]
            yield chain(codes, new), 1, "look at the comparison in it"
    if len(words) == 1 and words[0] in (">", ">="):
        yield (
            f"{codes[0]} < 0 or {codes[0]} {words[0]} {codes[1]}",
            2,
            "look at the lower end in it",
        )
        yield f"not 0 <= {codes[0]} < {codes[1]}", 2, "look at both ends in it"
    if len(words) == 1 and words[0] in ("<", "<="):
        yield f"0 <= {codes[0]} {words[0]} {codes[1]}", 2, "look at the lower end in it"
        yield f"not {codes[0]} >= {codes[1]}", 2, "look at what is neither above nor below (NaN)"
    yield f"not ({editor.code(node)})", 2, "look at the condition in it"


def word_of(op: ast.cmpop) -> str:
    """Return a comparison operator as it is written."""
    for word in ("<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not"):
        if type(ast.parse(f"a {word} b", mode="eval").body.ops[0]) is type(op):
            return word
    return ""


def chain(codes: list[str], words: list[str]) -> str:
    """Join operands and operators to one comparison."""
    return codes[0] + "".join(f" {word} {code}" for word, code in zip(words, codes[1:]))


def boolean(node, parent, scope, editor) -> Iterator[Change]:
    """Change an `and` or `or`: the other one, or a part only."""
    codes = [editor.code(value) for value in node.values]
    other = " or " if isinstance(node.op, ast.And) else " and "
    yield other.join(codes), 1, "look at and/or in it"
    for place in range(len(codes)):
        rest = codes[:place] + codes[place + 1 :]
        yield (" and " if other == " or " else " or ").join(rest), 2, "look at the condition in it"


def unary(node, parent, scope, editor) -> Iterator[Change]:
    """Take a sign or a `not` away."""
    yield editor.code(node.operand), 1, "look at the sign or the not in it"


def conditional(node, parent, scope, editor) -> Iterator[Change]:
    """Change `a if c else b`: the other way round, or one of them always."""
    body, orelse, test = (editor.code(part) for part in (node.body, node.orelse, node.test))
    hint = "look at the if in it"
    yield f"{orelse} if {test} else {body}", 1, hint
    yield body, 2, hint
    yield orelse, 2, hint


def call(node, parent, scope, editor) -> Iterator[Change]:
    """Change a call: its arguments in another order, one more, one less, or another keyword."""
    function = editor.code(node.func)
    short = function.split(".")[-1]
    codes = [editor.code(argument) for argument in node.args]
    keywords = [editor.code(keyword) for keyword in node.keywords]
    hint = f"look at the arguments of {short}"

    def build(arguments):
        return f"{function}({', '.join(arguments)})"

    for place in range(len(codes) - 1):
        swapped = [*codes[:place], codes[place + 1], codes[place], *codes[place + 2 :]]
        yield build(swapped + keywords), 1, hint
    yield from collections(node, short, codes, scope, editor)
    for place in range(len(codes) + len(keywords)):
        every = codes + keywords
        yield build(every[:place] + every[place + 1 :]), 2, hint
    for keyword in KEYWORDS.get(short, []):
        names = [part.split("=")[0].strip() for part in keyword.split(",")]
        kept = [code for code, k in zip(keywords, node.keywords) if k.arg not in names]
        yield build([*codes, *kept, keyword]), 1, hint
    yield from tensor_calls(function, short, codes, keywords)
    if short == "insert" and len(codes) == 2:
        yield f"{editor.code(node.func.value)}.append({codes[1]})", 1, hint
    if short == "zeros_like" and codes:
        yield f'torch.full_like({codes[0]}, float("-inf"))', 2, "look at the value in it"
    if short == "argmax" and isinstance(node.func, ast.Attribute):
        what = codes[0] if function.startswith("torch.") else editor.code(node.func.value)
        yield f"torch.multinomial({what}, 1, generator=generator)", 2, "is anything drawn here?"
    for extra in unique(["generator", "temperature", "top_k", *scope.unused]):
        if extra in scope.own and extra not in " ".join(codes + keywords):
            yield build([*codes, *keywords, f"{extra}={extra}"]), 2, hint
            yield build([*codes, extra, *keywords]), 3, hint
            if "mask" in extra:
                for word in ("attn_mask", "mask", "src_mask"):
                    yield build([*codes, *keywords, f"{word}={extra}"]), 2, hint
    if len(codes) == 2 and short in ("arange", "range"):
        yield build([f"{code} - 1" for code in codes]), 1, hint
        yield build([f"{code} + 1" for code in codes]), 2, hint
    if len(codes) > 1 and len(set(codes)) == 1:
        for other in scope.parameters:
            yield build([other] * len(codes)), 2, hint


def tensor_calls(function, short, codes, keywords) -> Iterator[Change]:
    """Change a call of a tensor operation: its dimensions, its triangle."""
    hint = f"look at the dimensions of {short}"
    first = codes[:-2] if len(codes) in (3, 5) else []
    if short in ("transpose", "permute", "movedim", "swapaxes"):
        for order in dimension_orders(len(codes) - len(first)):
            yield f"{function}({', '.join([*first, *order])})", 2, hint
    if short.rstrip("_") in ("triu", "tril"):
        before, end = function[: -len(short)], short[4:]
        kept = [code for code in codes if not code.lstrip("-").isdigit()]
        for word, diagonal in (("triu", "1"), ("triu", "0"), ("tril", "0"), ("tril", "-1")):
            yield f"{before}{word}{end}({', '.join([*kept, diagonal])})", 1, f"look at {short}"
    if short in ("get", "enumerate") and len(codes) == 1:
        for extra in ("1", "-1", "0", "3"):
            yield f"{function}({', '.join([*codes, extra, *keywords])})", 2, "look at its arguments"


def collections(node, short, codes, scope, editor) -> Iterator[Change]:
    """Change what a collection is made by: its order, its beginning, its look-up."""
    if short in ("sorted", "set", "frozenset", "Counter"):
        inner = node.args[0] if node.args else node
        while isinstance(inner, ast.Call) and inner.args:
            inner = inner.args[0]
        hint = "look at the order of what comes out"
        yield f"list(dict.fromkeys({editor.code(inner)}))", 1, hint
        yield f"dict.fromkeys({editor.code(inner)})", 1, hint
        for name in scope.parameters:
            yield f"sorted({', '.join(codes[:1])}, key={name}.index)", 2, hint
    if short == "range" and len(codes) == 1:
        yield f"range(3, {codes[0]})", 2, "look at where the counting starts"
        yield f"range(3, {codes[0]} + 3)", 2, "look at where the counting starts"
    if short == "get" and isinstance(node.func, ast.Attribute) and codes:
        yield f"{editor.code(node.func.value)}[{codes[0]}]", 2, "look at what get does"
    if len(codes) == 2 and short in ("reduce", "accumulate", "sum", "fromkeys", "getattr", "pop"):
        for start in ("()", "[]", '""', "0", "{}"):
            yield f"{editor.code(node.func)}({', '.join(codes)}, {start})", 2, "look at its start"


def dimension_orders(count: int) -> list[tuple[str, ...]]:
    """Return the usual orders of dimensions for transpose (2) and permute (4)."""
    if count == 2:
        return [("1", "2"), ("-2", "-1"), ("0", "1"), ("2", "3")]
    if count == 4:
        return [
            ("0", "2", "1", "3"),
            ("0", "1", "3", "2"),
            ("0", "2", "3", "1"),
            ("0", "3", "1", "2"),
        ]
    return []


def subscript(node, parent, scope, editor) -> Iterator[Change]:
    """Change what stands in brackets: the first for the last, a slice without its ends."""
    value = editor.code(node.value)
    hint = "look at what is in the brackets"
    if isinstance(node.ctx, ast.Store):
        return
    yield value, 2, hint
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    codes = [editor.code(part) for part in parts]
    for place, part in enumerate(parts):
        if isinstance(part, ast.Slice):
            for new in slice_changes(part, editor):
                yield f"{value}[{', '.join([*codes[:place], new, *codes[place + 1 :]])}]", 1, hint
    if len(parts) == 1 and not isinstance(parts[0], ast.Slice):
        yield f"{value}[:, {codes[0]}]", 2, hint
        yield f"{value}.get({codes[0]}, 1)", 2, hint
    for other in scope.unused:
        yield f"{value}[{', '.join(codes)}, {other}:]", 2, f"{other} is made, but not used"
        yield f"{value}[{other}[{', '.join(codes)}]]", 3, f"{other} is made, but not used"
    if len(parts) == 1 and isinstance(parts[0], ast.Slice) and not parts[0].upper:
        for other in scope.own:
            yield f"{value}[-{other}:]", 2, hint
    if len(parts) == 2 and codes[0] == ":":
        yield f"{value}[{codes[1]}]", 2, hint


def slice_changes(part: ast.Slice, editor: Editor) -> Iterator[str]:
    """Yield a slice with its ends changed."""
    lower = editor.code(part.lower) if part.lower else ""
    upper = editor.code(part.upper) if part.upper else ""
    yield ":"
    if lower:
        yield f"{lower}:"
    if upper:
        yield from (f":{upper}", f"-{upper}:" if upper.isidentifier() else f"-({upper}):", "1:")
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


def comprehension(node, parent, scope, editor) -> Iterator[Change]:
    """Change a dict comprehension: key and value the other way round, or a filter away."""
    if isinstance(node, ast.DictComp):
        key, value = editor.code(node.key), editor.code(node.value)
        loop = editor.code(node)[1:-1].split(" for ", 1)[1]
        yield "{" + f"{value}: {key} for {loop}" + "}", 1, "look at key and value in it"
    for generator in node.generators:
        for condition in generator.ifs:
            code = editor.code(node).replace(f" if {editor.code(condition)}", "", 1)
            yield code, 2, "look at the if in it"
    if isinstance(node, ast.GeneratorExp) and isinstance(parent, ast.Return):
        yield f"list({editor.code(node)})", 1, "look at the type of what comes out"


def one_more_or_less(node, parent, scope, editor) -> Iterator[Change]:
    """Add or take away 1, where something is counted: ranges, slices, sizes, comparisons."""
    counting = {"range", "randint", "arange", "islice", "topk", "randperm", "integers", "narrow"}
    counting |= {"unfold", "ones", "zeros", "empty", "full", "sample", "randrange", "kthvalue"}
    in_call = isinstance(parent, ast.Call) and editor.code(parent.func).split(".")[-1] in counting
    if isinstance(node, ast.Constant | ast.Slice | ast.Tuple | ast.Starred | ast.keyword):
        return
    if (
        in_call
        and node is not parent.func
        or isinstance(parent, ast.Slice | ast.Compare | ast.Tuple)
    ):
        code = editor.code(node)
        for new in (f"{code} + 1", f"{code} - 1"):
            yield new, 1 if not isinstance(parent, ast.Tuple) else 4, "look at the number in it"
        for other in scope.own if in_call else []:
            yield f"{code} - {other}", 3, "look at the number in it"
        if isinstance(parent, ast.Slice):
            yield f"-{code}" if code.isidentifier() else f"-({code})", 1, "look at the sign in it"


def unwrapped(node, parent, scope, editor) -> Iterator[Change]:
    """Take a wrapping away: f(x) becomes x, x.m() becomes x."""
    if not isinstance(node, ast.Call):
        return
    hint = f"look at {editor.code(node.func).split('.')[-1]} in it"
    if isinstance(node.func, ast.Attribute):
        yield editor.code(node.func.value), 1, hint
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield editor.code(node.args[0]), 2, hint


def wrapped(node, parent, scope, editor) -> Iterator[Change]:
    """Wrap a value that is assigned, returned or handed over: what is missing around it."""
    if isinstance(node, ast.Constant | ast.Slice | ast.Starred | ast.keyword | ast.Lambda):
        return
    is_test = node is getattr(parent, "test", None)
    if is_test or isinstance(parent, ast.comprehension) and node in parent.ifs:
        yield f"not {editor.code(node)}", 1, "look at the condition in it"
    if not isinstance(parent, WRAPPERS):
        return
    if isinstance(parent, ast.Call) and node is parent.func:
        return
    code = editor.code(node)
    inner = f"({code})" if isinstance(node, ast.BinOp | ast.UnaryOp | ast.IfExp) else code
    yield from missing_terms(inner, node, parent, scope)
    for method in (".transpose(-2, -1)", ".transpose(1, 2)", ".contiguous()", ".clone()"):
        yield inner + method, 2, "look at the order of the dimensions in it"
    for method in (".item()", ".unsqueeze(0)", "[:, -1]", "[-1]", "[0]", ".tolist()", ".flatten()"):
        yield inner + method, 3, "look at the shape of it"
    if isinstance(parent, ast.Assign | ast.Return | ast.For | ast.Starred | ast.comprehension):
        for maker in ("list", "tuple", '"".join', "reversed", "-"):
            yield f"{maker}({code})", 2, "look at the type or sign of it"
        yield f"dict.fromkeys({code})", 3 if isinstance(parent, ast.For) else 2, "look at its order"
        yield f"dict(enumerate({code}))", 3, "look at the type of it"
        yield f"{inner}.getvalue()", 2, "look at the type of it"
    if isinstance(parent, ast.Return):
        yield f"{code} + 3", 2, "look at what is counted"
        for other in scope.own:
            yield f"{code}, {other}", 2, "look at what is returned"
    if isinstance(parent, ast.BinOp):
        yield f"({code},)", 2, "look at the type of it"
        yield f"[{code}]", 2, "look at the type of it"
    if isinstance(parent, ast.Assign | ast.Return | ast.Call) and isinstance(node, WHOLES):
        for maker in ("Parameter", "ModuleList", "ParameterDict", "ModuleDict"):
            yield f"nn.{maker}({code})", 2, "does PyTorch know these numbers?"
            yield f"torch.nn.{maker}({code})", 3, "does PyTorch know these numbers?"
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Call) and isinstance(parent, ast.Call):
        yield from ((other, 3, "look at the arguments in it") for other in scope.own)
    sizes = ['model.config["block_size"]'] if "model" in scope.own else []
    for size in [*sizes, *(n for n in scope.own if re.search("block|size|limit|ctx|max|T$", n))]:
        yield f"{inner}[:, -{size}:]", 2, "look at how long it may be"
        yield f"{inner}[-{size}:]", 3, "look at how long it may be"
    for other in scope.unused:
        yield f"{inner}[:{other}]", 2, f"{other} is made, but not used"
        yield f"{inner}[{other}:]", 2, f"{other} is made, but not used"
        yield f"{other} or {code}", 3, f"{other} is made, but not used"
    yield from converted(code, inner, node, parent, scope)


def converted(code, inner, node, parent, scope) -> Iterator[Change]:
    """Turn a value into another kind of value: a distribution, a tensor, a text, a file name."""
    hint = "look at what kind of thing this is"
    if isinstance(parent, ast.Call | ast.Assign | ast.Attribute):
        yield f"torch.log_softmax({code}, dim=-1)", 3, hint
        yield f"torch.softmax({code}, dim=-1)", 3, hint
    if isinstance(parent, ast.Call):
        yield f"-{inner}", 2, "look at the sign of it"
        yield f"{inner} / {inner}.sum()", 3, "do these make 1 together?"
    if isinstance(parent, ast.Return):
        yield f"torch.as_tensor({code})", 2, hint
        if "tokenizer" in scope.own:
            yield f"tokenizer.decode({code})", 2, hint
        yield from ((f"{code} - self.{name}", 3, "look at the number") for name in scope.attributes)
    if re.search("vocab|char", code):
        yield f"{inner}[3:]", 2, "look at where it starts"
    if "path" in code and isinstance(parent, ast.Assign):
        yield f'str({code}) + ".tmp"', 3, "which file is written to?"


def missing_terms(code: str, node: ast.expr, parent: ast.AST, scope: Scope) -> Iterator[Change]:
    """Add what is often forgotten: the scale, the skip connection, a layer."""
    if isinstance(node, ast.Call | ast.BinOp):
        first = next((p for p in scope.parameters if p not in ("self", "cls")), None)
        if first:
            is_product = "@" in code or re.search("einsum|matmul|bmm", code)
            cost = 1 if is_product and "softmax" not in code else 3
            yield f"{code} / {first}.shape[-1] ** 0.5", cost, "look at the scale of it"
            yield f"{code} * {first}.shape[-1] ** 0.5", 3, "look at the scale of it"
            yield f"{code} / ({code}).sum(dim=-1, keepdim=True)", 3, "do these make 1 together?"
        for other in scope.own:
            if isinstance(parent, ast.Assign | ast.Return | ast.Call):
                yield f"{other} + {code}", 2, "look at what should be added to it"
            if other not in code and other in ("temperature", "scale", "head_size", "D", "tau"):
                yield f"{code} / {other}", 2, "look at what it should be divided by"
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
            for term in (f"{code} / {other}", f"{code} * {other}", f"{code} + {other}"):
                yield term, 2, f"{other} is made, but not used"


OPERATORS = {
    ast.Constant: constant,
    ast.Name: name,
    ast.Attribute: attribute,
    ast.BinOp: binary,
    ast.Compare: compare,
    ast.BoolOp: boolean,
    ast.UnaryOp: unary,
    ast.IfExp: conditional,
    ast.Call: call,
    ast.Subscript: subscript,
    ast.Tuple: tuple_or_list,
    ast.List: tuple_or_list,
    ast.DictComp: comprehension,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
}
