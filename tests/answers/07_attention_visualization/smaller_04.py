import sys

import torch


def record_attention(model, ids):
    """Return the attention weights of each layer, as a list of tensors (H, T, T)."""
    # The layers look the function up by name in this module, so we swap it there.
    module = sys.modules.get(type(model).__module__)
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no causal_attention")

    true_function = module.causal_attention
    # Remember the mode of every part: some may be in eval mode and others not.
    modes = [(part, part.training) for part in model.modules()]
    records = []

    def listener(*args, **kwargs):
        # Pass the arguments on just as they came, positional or named.
        output, weights = true_function(*args, **kwargs)
        # Drop the batch dimension: (1, H, T, T) becomes (H, T, T).
        records.append(weights[0].detach().cpu())
        # The layer gets the results it would have got without us.
        return output, weights

    try:
        module.causal_attention = listener
        # Eval mode switches dropout off.
        model.eval()
        # We only look, so no gradients are needed.
        with torch.no_grad():
            model(ids)
    finally:
        # This happens even if the model raises an error.
        module.causal_attention = true_function
        for part, training in modes:
            part.training = training

    # An empty list means that no layer called the function.
    if not records:
        raise ValueError("the model never called causal_attention")
    return records


def strongest(weights, tokens, place, n=3):
    """Return the n largest weights of one row of a head, as (place, token, share)."""
    size = len(weights)
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")
    # Without this check, a negative place would silently count from the end.
    if not 0 <= place < size:
        raise ValueError(f"place must be from 0 to {size - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # Keep only places 0 to place, as new Python floats: weights stays unchanged.
    shares = [float(share) for share in weights[place][: place + 1]]
    # sorted keeps equals in their old order, so the earlier place comes first.
    order = sorted(range(place + 1), key=lambda i: -shares[i])
    # A slice is simply shorter where there are fewer than n places.
    return [(i, str(tokens[i]), shares[i]) for i in order[:n]]


def attention_figure(weights, tokens):
    """Return a figure with a row of pictures for each layer, a column for each head."""
    # Imported here, so that Steps 1 and 2 also work without matplotlib.
    from matplotlib.figure import Figure

    layers = len(weights)
    heads, size, _ = weights[0].shape
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")

    # Give longer texts bigger pictures, so that the tokens stay readable.
    side = max(3.0, 0.3 * size)
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")
    # squeeze=False keeps axes two-dimensional, even for one layer or one head.
    axes = figure.subplots(layers, heads, squeeze=False)

    for layer in range(layers):
        for head in range(heads):
            ax = axes[layer, head]
            # The fixed range makes the colors of all pictures comparable.
            ax.imshow(weights[layer][head].tolist(), vmin=0, vmax=1)
            # Python counts from 0, the title counts from 1.
            ax.set_title(f"layer {layer + 1}, head {head + 1}")
            # First one tick for each place, then the token as its label.
            ax.set_xticks(range(size))
            ax.set_xticklabels(list(tokens))
            ax.set_yticks(range(size))
            ax.set_yticklabels(list(tokens))

    # The caller decides whether to show or save the figure.
    return figure
