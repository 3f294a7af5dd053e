"""Words of Python and of this field that are easily taken for one another, or left out."""

FAMILIES = [
    ("triu", "tril"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("argmax", "argmin"),
    ("max", "min"),
    ("tiny", "min"),
    ("softmax", "log_softmax", "sigmoid"),
    ("eval", "train"),
    ("train", "training"),
    ("sum", "mean"),
    ("cat", "stack"),
    ("any", "all"),
    ("append", "extend", "add", "appendleft"),
    ("keys", "values", "items", "most_common"),
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
    ("find", "rfind", "index"),
    ("first", "last"),
    ("KeyError", "IndexError", "ValueError", "TypeError", "Exception", "LookupError"),
    ("sorted", "list", "tuple", "set"),
    ("replace", "rename"),
    ("sqrt", "square"),
    ("LayerNorm", "BatchNorm1d"),
    ("get", "setdefault", "__getitem__"),
    ("repeat", "expand"),
    ("ModuleList", "list"),
    ("float32", "int64", "int32", "float64"),
    ("Tensor", "tensor", "LongTensor"),
    ("item", "detach"),
    ("state_dict", "named_parameters"),
    ("nll_loss", "cross_entropy"),
    ("OSError", "Exception", "BaseException"),
    ("read", "getvalue"),
]

KEYWORDS = {
    "triu": ["diagonal=1", "diagonal=0"],
    "tril": ["diagonal=0", "diagonal=-1"],
    "triu_": ["diagonal=1"],
    **{
        maker: ["dtype=torch.long", "dtype=torch.bool", "dtype=torch.float32"]
        for maker in ("zeros", "ones", "empty", "full", "tensor", "as_tensor", "arange")
    },
    "softmax": ["dim=-1"],
    "log_softmax": ["dim=-1"],
    "argmax": ["dim=-1", "dim=-1, keepdim=True", "keepdim=True"],
    "load": ["weights_only=True"],
    "multinomial": ["generator=generator", "num_samples=1"],
    "randint": ["generator=generator", "dtype=torch.long"],
    "rand": ["generator=generator"],
    "randn": ["generator=generator"],
    "randperm": ["generator=generator"],
    "sum": ["dim=-1", "dim=-1, keepdim=True", "keepdim=True"],
    **{one: ["keepdim=True"] for one in ("amax", "amin", "max", "min", "mean", "logsumexp")},
    "MultiheadAttention": ["batch_first=True"],
    "TransformerEncoderLayer": ["batch_first=True", "norm_first=True", "dropout=0.0"],
    "Linear": ["bias=True"],
    "scaled_dot_product_attention": ["is_causal=True"],
    "topk": ["largest=True", "largest=False"],
    "DataLoader": ["shuffle=True"],
    "AdamW": ["lr=learning_rate"],
    "Adam": ["lr=learning_rate"],
    "SGD": ["lr=learning_rate"],
    "mkdir": ["exist_ok=True"],
    "enumerate": ["start=1"],
    "sort": ["descending=True"],
    "argsort": ["descending=True"],
    "sorted": ["reverse=True"],
    "var": ["unbiased=False", "keepdim=True"],
    "std": ["unbiased=False"],
}

TEXTS = {"": " ", " ": "", "inf": "-inf", "-inf": "inf", "w": "wb", "r": "rb", "rb": "wb"}
TEXTS |= {"big": "little", "little": "big"}

COMPARISONS = {
    "<": ("<=", "> >= =="),
    "<=": ("<", "> >= =="),
    ">": (">=", "< <= =="),
    ">=": (">", "< <= =="),
    "==": ("!=", ""),
    "!=": ("==", "<"),
    "in": ("not in", ""),
    "not in": ("in", ""),
    "is": ("is not", "=="),
    "is not": ("is", "!="),
}
"""For each comparison its neighbour, and those that are turned round."""

OFTEN_CALLED = ("list", "len", "str", "set")
OFTEN_LAST = ("copy()", "items()", "split()", "tolist()", "item()", "exp()", "log()")
OFTEN_LAST += ("softmax(-1)", "unsqueeze(-1)", "squeeze(-1)", "lower()", "getvalue()")
"""What is easily forgotten around a value, and behind one."""
