"""Everything that must be undone is undone by a with block."""
import contextlib
import sys
from heapq import nsmallest

import torch


@contextlib.contextmanager
def swapped(owner, name, value):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield before
    finally:
        setattr(owner, name, before)


@contextlib.contextmanager
def evaluating(model):
    before = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        model.train(before)


def record_attention(model, ids):
    module = sys.modules[type(model).__module__]
    if getattr(module, "causal_attention", None) is None:
        raise ValueError(f"{type(model).__module__} has no causal_attention")
    kept = []

    def keep(*args, **kwargs):
        answer = inner(*args, **kwargs)
        kept.extend(answer[1].detach().cpu())  # one text: one item
        return answer

    with evaluating(model), swapped(module, "causal_attention", keep) as inner:
        model(ids)
    if not kept:
        raise ValueError(f"{type(model).__name__} never calls causal_attention")
    return kept


def strongest(weights, tokens, place, n=3):
    T = len(tokens)
    if weights.ndim != 2 or len(weights) != T:
        raise ValueError(f"{len(weights)} rows, but {T} tokens")
    if not 0 <= place <= T - 1:
        raise ValueError(f"place {place} is not in the text")
    if not n >= 1:
        raise ValueError(f"n = {n} is less than 1")
    row = weights[place].tolist()[: place + 1]
    best = nsmallest(n, enumerate(row), key=lambda pair: (-pair[1], pair[0]))
    return [(i, tokens[i], share) for i, share in best]


def attention_figure(weights, tokens):
    from matplotlib.figure import Figure

    if {tuple(layer.shape[1:]) for layer in weights} != {(len(tokens), len(tokens))}:
        raise ValueError(f"the maps are not made of {len(tokens)} tokens")
    heads = torch.stack(list(weights))
    L, H, T, _ = heads.shape
    figure = Figure(figsize=(0.3 * T * H + 2, 0.3 * T * L + 2), layout="constrained")
    panels = figure.subplots(L, H, squeeze=False)
    for (l, h), ax in ((lh, panels[lh]) for lh in __import__("itertools").product(range(L), range(H))):
        im = ax.imshow(heads[l, h], vmin=0, vmax=1, cmap="Greys", interpolation="nearest")
        ax.set_title(f"layer {l + 1}, head {h + 1}", fontsize=9)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_ticks(range(T), labels=[t.replace(" ", "␣") for t in tokens])
    figure.colorbar(im, ax=panels.ravel().tolist())
    return figure
