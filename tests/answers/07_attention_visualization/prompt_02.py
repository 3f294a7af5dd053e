"""attention_map.py: record, rank and draw the attention weights of a small GPT."""

import sys

import torch


def record_attention(model, ids):
    """Run the model once; return one tensor (H, T, T) for each layer."""
    # Find the module in which the model's class was written.
    module = sys.modules[type(model).__module__]

    # Without a causal_attention there is nothing to listen to.
    if not hasattr(module, "causal_attention"):
        raise ValueError(f"module {module.__name__} has no causal_attention")

    # Remember the true function, so that we can call it and put it back.
    true_attention = module.causal_attention

    # Remember the mode (training or eval) of the model and of each part in it.
    modes = [(part, part.training) for part in model.modules()]

    # Each call of the listener will add one map to this list.
    maps = []

    # *args holds the positional arguments, **kwargs the named ones.
    def listener(*args, **kwargs):
        # Let the true function do the work.
        result = true_attention(*args, **kwargs)

        # Keep the weights of our one text: (1, H, T, T) becomes (H, T, T).
        # clone() makes a copy, so nothing the model does later can change it.
        output, weights = result
        maps.append(weights[0].detach().cpu().clone())

        # Hand on exactly what the true function returned.
        return result

    try:
        # From here on, each layer that asks for causal_attention gets the listener.
        module.causal_attention = listener

        # Eval mode switches dropout off.
        model.eval()

        # Run the model once, without gradients; we do not need its answer.
        with torch.no_grad():
            model(ids)
    finally:
        # This part always runs, after an error too: put the true function back.
        module.causal_attention = true_attention

        # Give each part of the model its old mode back.
        for part, was_training in modes:
            part.training = was_training

    # An empty list means that the listener was never called.
    if not maps:
        raise ValueError("the model never called causal_attention")

    return maps


def strongest(weights, tokens, place, n=3):
    """Return the n places that get most from this place: (place, token, share)."""
    # weights has T rows, one for each token.
    T = weights.shape[0]

    # Check the arguments before we use them.
    if len(tokens) != T:
        raise ValueError(f"expected {T} tokens, got {len(tokens)}")
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # Take this place's row, cut off after the place itself, as a list of floats.
    row = weights[place, :place + 1].tolist()  # PREDICT: what is this for place 0?

    # Sort the places by their share, the largest first.
    # sorted() leaves equals in their old order, so the earlier place stays first.
    order = sorted(range(place + 1), key=lambda p: row[p], reverse=True)

    # Keep the first n (the slice gives fewer where there are fewer).
    best = []
    for p in order[:n]:
        best.append((p, tokens[p], row[p]))

    return best


def attention_figure(weights, tokens):
    """Draw each map: a row of pictures for each layer, a column for each head."""
    # Import matplotlib only here, so that the other functions work without it.
    from matplotlib.figure import Figure

    # Count the layers, the heads and the tokens.
    layers = len(weights)
    heads, T, _ = weights[0].shape

    # Each row and column of a map needs exactly one token.
    if len(tokens) != T:
        raise ValueError(f"expected {T} tokens, got {len(tokens)}")

    # Make spaces visible; this builds a new list and leaves tokens as it is.
    labels = [token.replace(" ", "␣") for token in tokens]

    # Turn the labels of the lower axis if one is longer than a single character.
    angle = 90 if max(len(label) for label in labels) > 1 else 0

    # The side of one picture in inches: more for a longer text, from 3 to 8.
    side = min(max(3.0, 0.15 * T), 8.0)

    # Make the figure; "constrained" leaves room for titles and labels.
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")

    # squeeze=False keeps axes[layer, head] valid for one layer or one head too.
    axes = figure.subplots(layers, heads, squeeze=False)

    for layer in range(layers):
        for head in range(heads):
            # Take the picture of this layer and this head.
            picture = axes[layer, head]

            # Draw the map, in the same colours (0 to 1) in each picture.
            # origin="upper" puts row 0 at the top.
            picture.imshow(weights[layer][head].tolist(), vmin=0, vmax=1, origin="upper")

            # We count from 0 in the code, but from 1 in the title.
            picture.set_title(f"layer {layer + 1}, head {head + 1}")

            # One tick for each token at both axes.
            # parse_math=False: a "$" in a token is a plain character, not a formula.
            picture.set_xticks(range(T), labels=labels, fontsize=7,
                               rotation=angle, parse_math=False)
            picture.set_yticks(range(T), labels=labels, fontsize=7,
                               parse_math=False)

            # Say what each axis means.
            picture.set_xlabel("where it looks")
            picture.set_ylabel("token that looks")

    return figure
