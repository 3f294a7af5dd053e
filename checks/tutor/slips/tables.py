"""What the operators know about Python and about this field, as tables."""

import ast

Change = tuple[str, int, str]
"""New code, its cost from 1 (likely) up, and a hint."""

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
    ("append", "appendleft"),
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
    ("vocab", "vocab_size"),
    ("List", "list", "tuple", "set"),
    ("KeyError", "IndexError", "ValueError", "TypeError", "Exception", "LookupError"),
    ("sorted", "list"),
    ("replace", "rename"),
    ("sqrt", "square"),
    ("LayerNorm", "BatchNorm1d"),
    ("get", "setdefault", "__getitem__"),
    ("repeat", "expand"),
    ("ModuleList", "list"),
    ("float32", "int64", "float64"),
    ("Tensor", "tensor", "LongTensor"),
    ("item", "detach"),
    ("read", "getvalue"),
]

ARITHMETIC = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
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
    **{
        maker: ["dtype=torch.long", "dtype=torch.bool", "dtype=torch.float32"]
        for maker in ("zeros", "ones", "empty", "full", "tensor", "as_tensor", "arange")
    },
    "softmax": ["dim=-1"],
    "argmax": ["dim=-1", "dim=-1, keepdim=True", "keepdim=True"],
    "load": ["weights_only=True"],
    "multinomial": ["generator=generator", "num_samples=1"],
    "randint": ["generator=generator", "dtype=torch.long"],
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
    "baddbmm": ["alpha=q.shape[-1] ** -0.5", "beta=1"],
    "topk": ["largest=True", "largest=False"],
    "DataLoader": ["shuffle=True"],
    "AdamW": ["lr=learning_rate"],
    "Adam": ["lr=learning_rate"],
    "SGD": ["lr=learning_rate"],
    "mkdir": ["exist_ok=True"],
    "enumerate": ["start=3", "start=1"],
    "sort": ["descending=True"],
    "argsort": ["descending=True"],
    "sorted": ["reverse=True"],
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
