import sys

import torch


def record_attention(model, ids):
    # the layers look the function up by name here, so here it can be exchanged
    module = sys.modules.get(type(model).__module__)
    true_attention = getattr(module, "causal_attention", None)
    if true_attention is None:
        raise ValueError("the model's module has no causal_attention")

    recorded = []

    # *args and **kwargs pass on positional and named arguments alike
    def listener(*args, **kwargs):
        output, weights = true_attention(*args, **kwargs)
        # [0] drops the batch dimension: (1, H, T, T) becomes (H, T, T)
        recorded.append(weights[0].detach().cpu())
        # the model gets exactly what it would have got without the listener
        return output, weights

    # each part has its own mode, and some may differ from the model's
    modes = [(part, part.training) for part in model.modules()]
    try:
        module.causal_attention = listener
        # eval mode switches dropout off
        model.eval()
        # no gradients are needed for looking
        with torch.no_grad():
            model(ids)
    finally:
        # this runs after an error too
        module.causal_attention = true_attention
        for part, mode in modes:
            part.training = mode

    if not recorded:
        raise ValueError("the model never called causal_attention")
    return recorded


def strongest(weights, tokens, place, n=3):
    size = weights.shape[0]
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")
    # checked by hand, because Python would accept -1 as "the last row"
    if not 0 <= place < size:
        raise ValueError(f"place must be from 0 to {size - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # tolist makes a copy of plain floats, so weights stays as it is
    row = weights[place].tolist()
    # only 0 to place: a token cannot see later ones;
    # largest share first, and of equal shares the earlier place first
    order = sorted(range(place + 1), key=lambda j: (-row[j], j))
    # a slice simply ends early where there are fewer than n
    return [(j, str(tokens[j]), row[j]) for j in order[:n]]


def attention_figure(weights, tokens):
    # imported here, so Steps 1 and 2 work without matplotlib
    from matplotlib.figure import Figure

    size = len(tokens)
    for layer in weights:
        if layer.shape[-1] != size:
            raise ValueError(f"expected {layer.shape[-1]} tokens, got {size}")

    rows, columns = len(weights), weights[0].shape[0]
    # longer texts get larger pictures, so that the tokens have room
    side = max(3.0, 0.3 * size)
    figure = Figure(figsize=(side * columns, side * rows), layout="constrained")
    # squeeze=False keeps a 2-D grid even for one layer or one head
    grid = figure.subplots(rows, columns, squeeze=False)

    for i, layer in enumerate(weights):
        for j, head in enumerate(layer):
            ax = grid[i, j]
            # a fixed scale: the same colour means the same share everywhere
            ax.imshow(head.tolist(), vmin=0, vmax=1)
            # people count from 1
            ax.set_title(f"layer {i + 1}, head {j + 1}")
            # one tick for each place; otherwise matplotlib may skip some
            ax.set_xticks(range(size))
            ax.set_yticks(range(size))
            # parse_math=False: a token such as "$$" is text, not a formula
            ax.set_xticklabels(tokens, parse_math=False)
            ax.set_yticklabels(tokens, parse_math=False)

    return figure
