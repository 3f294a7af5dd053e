import sys

import torch


def record_attention(model, ids):
    """Run model(ids) once; return one (H, T, T) tensor for each layer."""
    # The layers look the function up by name in this module, so the listener goes here.
    module = sys.modules[type(model).__module__]
    if not hasattr(module, "causal_attention"):
        raise ValueError(f"module {module.__name__} has no causal_attention")
    # Keep the true function: the listener calls it, and it is put back at the end.
    true_function = module.causal_attention
    # Each submodule has its own mode, so remember all of them, not only the model's.
    modes = [(part, part.training) for part in model.modules()]
    recorded = []

    def listener(*args, **kwargs):
        # Pass on exactly what came in, positional or named.
        output, weights = true_function(*args, **kwargs)
        # [0] takes the only sequence of the batch: (1, H, T, T) becomes (H, T, T).
        recorded.append(weights[0].detach().cpu())
        # The layer gets both results unchanged.
        return output, weights

    try:
        module.causal_attention = listener
        # Eval mode switches dropout off, so nothing random changes the weights.
        model.eval()
        # We only look and do not train, so no gradients are needed.
        with torch.no_grad():
            model(ids)
    finally:
        # This runs even if the model fails: function and modes go back.
        module.causal_attention = true_function
        for part, training in modes:
            part.training = training

    # An empty list means that the model computes its attention some other way.
    if not recorded:
        raise ValueError("the model never called causal_attention")
    return recorded


def strongest(weights, tokens, place, n=3):
    """Return the n largest shares of row `place` as (place, token, share)."""
    size = weights.shape[-1]
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")
    # Without this check, a negative place would silently count from the end.
    if not 0 <= place < size:
        raise ValueError(f"place must be from 0 to {size - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # Only places 0 to place count; tolist() copies, so weights stay as they are.
    row = weights[place, : place + 1].tolist()
    # sorted() keeps the order of equals, so the earlier place comes first.
    order = sorted(range(len(row)), key=lambda i: -row[i])
    # The slice gives fewer entries by itself where there are fewer than n.
    return [(i, str(tokens[i]), row[i]) for i in order[:n]]


def attention_figure(weights, tokens):
    """Draw the list from record_attention: a row per layer, a column per head."""
    # Figure without pyplot: no window opens and no global state is touched.
    from matplotlib.figure import Figure

    size = len(tokens)
    if any(layer.shape[-1] != size for layer in weights):
        raise ValueError(f"got {size} tokens, but the weights have another T")
    labels = [str(token) for token in tokens]
    layers, heads = len(weights), weights[0].shape[0]
    # Longer texts get larger pictures, so that the tokens stay readable.
    side = max(3.0, 0.25 * size)
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")
    # squeeze=False keeps axes two-dimensional, even for one layer or one head.
    axes = figure.subplots(layers, heads, squeeze=False)
    for i, layer in enumerate(weights):
        for j in range(heads):
            axis = axes[i, j]
            # double() is exact, and makes bfloat16 weights work with numpy too.
            picture = layer[j].detach().cpu().double().numpy()
            # The same limits everywhere make the colors comparable.
            axis.imshow(picture, vmin=0, vmax=1)
            axis.set_title(f"layer {i + 1}, head {j + 1}")
            # One tick for each place, first the positions and then the tokens.
            axis.set_xticks(range(size))
            axis.set_yticks(range(size))
            # parse_math=False shows a "$" in a token as it is, not as a formula.
            axis.set_xticklabels(labels, rotation=90, parse_math=False)
            axis.set_yticklabels(labels, parse_math=False)
    return figure
