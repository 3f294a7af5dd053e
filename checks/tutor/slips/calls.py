"""Slips in a call: its arguments, its keywords, its dimensions."""

import ast
from collections.abc import Iterator

from tutor.slips.leaves import respelled
from tutor.slips.scope import Scope, unique, unused_attributes
from tutor.slips.tables import KEYWORDS, Change


def call(node, parent, scope, editor) -> Iterator[Change]:
    """Change a call: its arguments in another order, one more, one less, or another keyword."""
    function = editor.code(node.func)
    short = function.split(".")[-1]
    codes = [editor.code(argument) for argument in node.args]
    keywords = [editor.code(keyword) for keyword in node.keywords]
    hint = f"look at the arguments of {short}"

    def build(arguments):
        return editor.with_arguments(node, arguments)

    for place in range(len(codes) - 1):
        swapped = [*codes[:place], codes[place + 1], codes[place], *codes[place + 2 :]]
        yield build(swapped + keywords), 1, hint
    yield from collections(node, short, codes, scope, editor)
    for place in range(len(codes) + len(keywords)):
        every = codes + keywords
        yield build(every[:place] + every[place + 1 :]), 2, hint
    for place, keyword in enumerate(node.keywords):
        for word in respelled(keyword.arg or "", scope):
            new = f"{word}={editor.code(keyword.value)}"
            yield build([*codes, *keywords[:place], new, *keywords[place + 1 :]]), 1, hint
    for keyword in keywords_of(short, scope):
        names = [part.split("=")[0].strip() for part in keyword.split(",")]
        kept = [code for code, k in zip(keywords, node.keywords) if k.arg not in names]
        yield build([*codes, *kept, keyword]), 1, hint
    yield from one_layer_more(function, codes, build)
    yield from tensor_calls(function, short, codes, keywords)
    yield from other_functions(node, short, codes, scope, editor)
    yield from one_argument_more(codes, keywords, scope, build, hint)
    if len(codes) == 1 and not keywords:
        yield f"{function}[{codes[0]}]", 3, "parentheses, or brackets?"
        yield f"map({function}, {codes[0]})", 3, "is this done once, or for each?"
        yield from ((f"{function}({stars}{codes[0]})", 3, hint) for stars in ("*", "**"))
    if len(codes) == 2 and short in ("arange", "range"):
        yield build([f"{code} - 1" for code in codes]), 1, hint
        yield build([f"{code} + 1" for code in codes]), 2, hint
    if len(codes) > 1 and len(set(codes)) == 1:
        for other in scope.parameters:
            yield build([other] * len(codes)), 2, hint


def one_argument_more(codes, keywords, scope, build, hint) -> Iterator[Change]:
    """Hand on what is not handed on: the random numbers, what nobody uses yet."""
    given = [scope.standing_for(role) for role in ("generator", "temperature", "top_k")]
    for extra in unique([*sum(given, []), *scope.unused]):
        if extra not in " ".join(codes + keywords):
            yield build([*codes, *keywords, f"{extra}={extra}"]), 2, hint
            yield build([*codes, extra, *keywords]), 3, hint
            if "mask" in extra:
                for word in ("attn_mask", "mask", "src_mask"):
                    yield build([*codes, *keywords, f"{word}={extra}"]), 2, hint
    for name in unused_attributes(scope):
        for keyword in (name, *(["lr"] if "rate" in name else [])):
            more = f"{keyword}=self.{name}"
            yield build([*codes, *keywords, more]), 2, f"self.{name} is never used"


def one_layer_more(function, codes, build) -> Iterator[Change]:
    """Add what stands between the layers of a row of layers: it bends the numbers."""
    if function.endswith("Sequential"):
        before = function.removesuffix("Sequential")
        for place in range(len(codes) + 1):
            for layer in (f"{before}GELU()", f"{before}ReLU()"):
                yield build([*codes[:place], layer, *codes[place:]]), 2, "is a layer missing in it?"


def keywords_of(short: str, scope: Scope) -> Iterator[str]:
    """Yield the keywords that a call often lacks, with the names of this function."""
    for keyword in KEYWORDS.get(short, []):
        word, _, value = keyword.partition("=")
        names = scope.standing_for(value) if word == "generator" else [value]
        yield from (f"{word}={name}" for name in names or [value])


def other_functions(node, short, codes, scope, editor) -> Iterator[Change]:
    """Call another function with what is there: a helper that is not used yet, or a relative."""
    for helper in scope.helpers:
        if codes:
            yield f"{helper}({', '.join(codes)})", 2, f"{helper} is there, but not used"
            yield f"{helper}({codes[0]})", 2, f"{helper} is there, but not used"
    if short == "insert" and len(codes) == 2 and isinstance(node.func, ast.Attribute):
        yield f"{editor.part(node.func.value)}.append({codes[1]})", 1, "look at insert"
    if short == "zeros_like" and codes:
        yield f'torch.full_like({codes[0]}, float("-inf"))', 2, "look at the value in it"
    if short == "argmax" and isinstance(node.func, ast.Attribute):
        is_torch = editor.code(node.func.value) == "torch"
        what = codes[0] if is_torch and codes else editor.part(node.func.value)
        yield f"torch.multinomial({what}, 1, generator=generator)", 2, "is anything drawn here?"
    if short == "range" and "torch" in scope.imports and len(codes) in (1, 2):
        for generator in scope.named("generator"):
            drawn = f"torch.randperm({codes[-1]}, generator={generator}).tolist()"
            yield drawn, 3, "is anything drawn here?"
    if short == "Generator":
        for name in scope.unused:
            yield f"{editor.code(node)}.manual_seed({name})", 2, f"{name} is there, but not used"
    if short == "argsort":
        again = f"torch.argsort({editor.code(node)}, dim=-1)"
        yield again, 3, "is this an order, or are these ranks?"


def tensor_calls(function, short, codes, keywords) -> Iterator[Change]:
    """Change a call of a tensor operation: its dimensions, its triangle."""
    hint = f"look at the dimensions of {short}"
    first = codes[:-2] if len(codes) in (3, 5) else []
    if short in ("transpose", "permute", "movedim", "swapaxes"):
        for order in dimension_orders(len(codes) - len(first)):
            yield f"{function}({', '.join([*first, *order])})", 2, hint
    if short in ("view", "reshape"):
        yield f"{function[: -len(short)]}transpose(1, 2)", 2, hint
    if short in ("view", "reshape") and len(codes) == 4:
        order = [codes[0], codes[2], codes[1], codes[3]]
        yield f"{function}({', '.join(order)}).transpose(1, 2)", 2, hint
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
    if short == "count" and isinstance(node.func, ast.Attribute):
        yield f"len({editor.part(node.func.value)}.split())", 2, "what is counted?"
    if short == "get" and isinstance(node.func, ast.Attribute) and codes:
        yield f"{editor.part(node.func.value)}[{codes[0]}]", 2, "look at what get does"
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
