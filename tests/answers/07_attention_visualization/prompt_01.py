"""attention_map.py: record, rank and draw the attention weights of a small GPT."""

import sys

import torch


def record_attention(model, ids):
    """Run the model once; return one (H, T, T) tensor for each layer."""
    # Find the module in which the model's class was written.
    module = sys.modules[type(model).__module__]
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no causal_attention")

    # Remember the true function, to call it and to put it back later.
    true_function = module.causal_attention

    # Remember the mode of the model and of each part inside it.
    modes = [(part, part.training) for part in model.modules()]

    # The listener adds one map to this list for each call, so one for each layer.
    maps = []

    # *args holds the positional arguments, **kwargs the named ones.
    def listener(*args, **kwargs):
        # Let the true function do the work.
        result = true_function(*args, **kwargs)
        # result is (output, weights); [0] then takes the only text in the batch.
        weights = result[1][0]
        # clone() makes our own copy, which nobody else can change.
        maps.append(weights.detach().cpu().clone())
        # Hand back the very same result, so the layer notices nothing.
        return result

    try:
        # Put the listener in place and run the model once, without gradients.
        module.causal_attention = listener
        model.eval()
        with torch.no_grad():
            model(ids)
    finally:
        # This part runs after an error too: put the function and the modes back.
        module.causal_attention = true_function
        for part, was_training in modes:
            part.training = was_training

    # An empty list means that the listener was never called.
    if not maps:
        raise ValueError("the model never called causal_attention")
    return maps


def strongest(weights, tokens, place, n=3):
    """Return the n places, up to this one, that get most of its attention."""
    # Check the arguments first.
    T = weights.shape[0]
    if len(tokens) != T:
        raise ValueError(f"expected {T} tokens, got {len(tokens)}")
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # Take this place's row, but only places 0 to place, as a list of floats.
    shares = weights[place, : place + 1].tolist()  # PREDICT: what is this for place 0?

    # Order the places, largest share first (the minus sign turns the order round).
    # sorted leaves equal ones in their old order, so the earlier place stays first.
    order = sorted(range(place + 1), key=lambda i: -shares[i])

    # Keep the first n; a slice simply gives fewer where there are fewer.
    best = [(i, tokens[i], shares[i]) for i in order[:n]]
    return best


def attention_figure(weights, tokens):
    """Draw one picture for each head: a row for each layer, a column for each head."""
    # Figure alone is enough; pyplot would keep settings and figures for everyone.
    from matplotlib.figure import Figure

    # Count layers, heads and tokens, and check the tokens.
    layers = len(weights)
    heads, T = weights[0].shape[0], weights[0].shape[1]
    if len(tokens) != T:
        raise ValueError(f"expected {T} tokens, got {len(tokens)}")

    # Make spaces visible.
    labels = [token.replace(" ", "␣") for token in tokens]

    # Turn the lower labels upright if some token is longer than one character.
    rotation = 90 if any(len(label) > 1 for label in labels) else 0

    # Give each picture a side (in inches) that grows with the number of tokens.
    side = max(3.0, 0.2 * T + 1.0)

    # "constrained" makes room for labels and titles.
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")

    # squeeze=False keeps axes a table with rows and columns, even for one picture.
    axes = figure.subplots(layers, heads, squeeze=False)

    for layer in range(layers):
        for head in range(heads):
            ax = axes[layer, head]

            # Draw the map; origin="upper" puts row 0 at the top.
            # The same 0 to 1 everywhere makes the colours comparable.
            ax.imshow(
                weights[layer][head].tolist(),
                vmin=0,
                vmax=1,
                origin="upper",
                cmap="viridis",
            )

            # People count from 1, Python counts from 0.
            ax.set_title(f"layer {layer + 1}, head {head + 1}")

            # One tick for each token; parse_math=False keeps a "$" an ordinary sign.
            ax.set_xticks(
                range(T), labels=labels, rotation=rotation, fontsize=8, parse_math=False
            )
            ax.set_yticks(range(T), labels=labels, fontsize=8, parse_math=False)

            # Say which axis is which.
            ax.set_xlabel("where it looks")
            ax.set_ylabel("token that looks")

    return figure
