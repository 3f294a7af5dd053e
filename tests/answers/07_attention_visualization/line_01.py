import sys

import numpy as np
import torch
from matplotlib.figure import Figure


def record_attention(model, ids):
    m = sys.modules[type(model).__module__]
    f = getattr(m, "causal_attention", None)
    if f is None:
        raise ValueError("no causal_attention in %s" % type(model).__module__)
    arrays = []

    def g(*a, **kw):
        r = f(*a, **kw)
        arrays.append(np.array(r[1].detach().cpu().numpy()[0]))
        return r

    training = model.training
    setattr(m, "causal_attention", g)
    try:
        model.train(False)
        with torch.no_grad():
            model(ids)
    finally:
        setattr(m, "causal_attention", f)
        model.train(training)
    if len(arrays) < 1:
        raise ValueError("causal_attention was not called")
    return [torch.from_numpy(a) for a in arrays]


def strongest(weights, tokens, place, n=3):
    w = np.asarray(weights)
    if w.shape[0] != len(tokens):
        raise ValueError("%d tokens needed" % w.shape[0])
    if place < 0 or place >= w.shape[0] or n < 1:
        raise ValueError("place or n is out of range")
    row = w[place, : place + 1]
    order = np.argsort(-row, kind="stable")[:n]
    return [(int(j), tokens[j], float(row[j])) for j in order]


def attention_figure(weights, tokens):
    arr = np.stack([np.asarray(w) for w in weights])
    if arr.shape[2] != len(tokens):
        raise ValueError("%d tokens needed" % arr.shape[2])
    nl, nh, nt, _ = arr.shape
    fig = Figure(figsize=(3 * nh, 3.2 * nl))
    axs = np.atleast_2d(fig.subplots(nl, nh, squeeze=False))
    for idx in np.ndindex(nl, nh):
        ax = axs[idx]
        ax.imshow(np.ma.masked_where(np.triu(np.ones((nt, nt)), 1) > 0, arr[idx]), vmin=0, vmax=1, cmap="plasma")
        ax.set_title("layer %d, head %d" % (idx[0] + 1, idx[1] + 1))
        ax.set_xticks(np.arange(nt))
        ax.set_xticklabels([" " if t == " " else t for t in tokens], rotation=90)
        ax.set_yticks(np.arange(nt))
        ax.set_yticklabels(tokens)
    fig.subplots_adjust(hspace=0.4, wspace=0.3)
    return fig
