import sys

import torch


def record_attention(model, ids):
    # the module in which the model's class looks up causal_attention by name
    module = sys.modules[type(model).__module__]
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no causal_attention")
    true_function = module.causal_attention
    # each part of the model has its own mode, so remember them all
    modes = [(part, part.training) for part in model.modules()]
    recorded = []

    # *args and **kwargs accept positional and named arguments alike
    def listener(*args, **kwargs):
        output, weights = true_function(*args, **kwargs)
        # [0] drops the batch dimension: (1, H, T, T) becomes (H, T, T)
        recorded.append(weights[0].detach().cpu())
        # the model gets exactly what it would have got without us
        return output, weights

    try:
        # from here on the layers find the listener under the old name
        module.causal_attention = listener
        model.eval()
        # we only look, so no gradients are needed
        with torch.no_grad():
            model(ids)
    finally:
        # this runs even if the model fails: put everything back
        module.causal_attention = true_function
        for part, mode in modes:
            part.training = mode

    # an empty list means that the listener was never reached
    if not recorded:
        raise ValueError("the model never called causal_attention")
    return recorded


def strongest(weights, tokens, place, n=3):
    size = weights.shape[0]
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")
    # a negative place would silently count from the end, so refuse it
    if not 0 <= place < size:
        raise ValueError(f"place must be from 0 to {size - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # tolist() copies into plain Python floats, so weights stays as it is
    row = weights[place, : place + 1].tolist()
    # largest first; sorted() keeps equals in order, so the earlier comes first
    order = sorted(range(len(row)), key=lambda i: -row[i])
    # a slice simply gives fewer where there are fewer than n
    return [(i, str(tokens[i]), row[i]) for i in order[:n]]


def attention_figure(weights, tokens):
    # Figure without pyplot: no window and no global state
    from matplotlib.figure import Figure

    size = len(tokens)
    # every layer must fit the tokens
    for layer in weights:
        if layer.shape[-1] != size:
            raise ValueError(f"expected {layer.shape[-1]} tokens, got {size}")

    rows, columns = len(weights), weights[0].shape[0]
    # constrained layout keeps titles and labels from overlapping
    figure = Figure(figsize=(3 * columns, 3 * rows), layout="constrained")
    # squeeze=False keeps the grid two-dimensional, even for one layer or head
    axes = figure.subplots(rows, columns, squeeze=False)

    for i, layer in enumerate(weights):
        for j, head in enumerate(layer):
            axis = axes[i, j]
            # the same colour scale for all pictures
            axis.imshow(head.tolist(), vmin=0, vmax=1)
            # people count from 1
            axis.set_title(f"layer {i + 1}, head {j + 1}")
            # one tick for each token, on both axes
            axis.set_xticks(range(size))
            axis.set_yticks(range(size))
            # parse_math=False: a token such as "$$" is text, not a formula
            axis.set_xticklabels(tokens, parse_math=False)
            axis.set_yticklabels(tokens, parse_math=False)
    return figure
