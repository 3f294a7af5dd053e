# attention_map.py
# See where a small GPT looks: record its attention weights, list the
# strongest ones, and draw them.

import sys

import torch


def record_attention(model, ids):
    """Run the model once; return a list with one tensor (H, T, T) per layer."""
    # Find the module in which the model's class was written.
    module = sys.modules[type(model).__module__]

    # Without the function there is nothing to listen to.
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no function causal_attention")

    # Remember the true function, so that we can call it and put it back.
    true_function = module.causal_attention

    # Remember the mode (training or eval) of the model and of each part in it.
    modes = [(part, part.training) for part in model.modules()]

    # The listener adds one tensor to this list each time a layer calls it.
    maps = []

    # *args holds the positional arguments, **kwargs the named ones.
    def listener(*args, **kwargs):
        # Let the true function do the work, with the same arguments.
        result = true_function(*args, **kwargs)

        # result is (output, weights), and weights is (1, H, T, T).
        weights = result[1]

        # Keep weights[0], which is (H, T, T): cut off from the gradients, on
        # the CPU, and as a copy, so that nothing can change it later.
        maps.append(weights[0].detach().cpu().clone())

        # The layer gets exactly what it would have got without us.
        return result

    try:
        # Put the listener in the place of the true function.
        module.causal_attention = listener

        # Eval mode: dropout is off, so we see the real weights.
        model.eval()

        # Run once without gradients. We want the maps, not the model's answer.
        with torch.no_grad():
            model(ids)
    finally:
        # This part runs after an error too: put the true function back ...
        module.causal_attention = true_function

        # ... and give every part the mode that it was in.
        for part, was_training in modes:
            part.training = was_training

    # An empty list means that no layer called the listener.
    if not maps:
        raise ValueError("the model never called causal_attention")

    # The layers run in order, so the first layer comes first.
    return maps


def strongest(weights, tokens, place, n=3):
    """The n places that get most from this place: a list of (place, token, share)."""
    # weights is (T, T): one row and one column for each token.
    T = weights.shape[0]

    # Check what we were given.
    if len(tokens) != T:
        raise ValueError(f"there are {len(tokens)} tokens, but weights needs {T}")
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, not {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")

    # Take this place's row, from place 0 up to the place itself, as a list of
    # Python floats. tolist() makes a new list, so weights is not changed.
    row = weights[place, : place + 1].tolist()  # PREDICT: what is this for place 0?

    # Sort the places by their share. The minus sign puts the largest first.
    # sorted() leaves equals in the order they had, so the earlier one is first.
    order = sorted(range(len(row)), key=lambda p: -row[p])

    # Keep the first n. A slice simply gives fewer where there are fewer.
    best = [(p, tokens[p], row[p]) for p in order[:n]]
    return best


def attention_figure(weights, tokens):
    """Draw one picture per head: a row for each layer, a column for each head."""
    # Imported here, so that the other two functions work without matplotlib.
    from matplotlib.figure import Figure

    # weights is a list of tensors (H, T, T), one for each layer.
    layers = len(weights)
    heads = weights[0].shape[0]
    T = weights[0].shape[1]

    # Check that there is one token for each row and column.
    if len(tokens) != T:
        raise ValueError(f"there are {len(tokens)} tokens, but weights needs {T}")

    # A space would be invisible on an axis, so show it as "␣".
    labels = [token.replace(" ", "␣") for token in tokens]

    # Single letters can stand upright; longer tokens are turned to fit.
    angle = 90 if any(len(label) > 1 for label in labels) else 0

    # The side of one picture in inches: more tokens need more room, up to 10.
    side = min(2 + 0.2 * T, 10)

    # Make the figure. "constrained" keeps titles and tokens from overlapping
    # the neighbouring pictures.
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")

    # Make the grid of pictures. With squeeze=False it always has rows and
    # columns, even for one layer or one head.
    grid = figure.subplots(layers, heads, squeeze=False)

    # Draw every head of every layer.
    for layer in range(layers):
        for head in range(heads):
            axes = grid[layer, head]

            # origin="upper" puts row 0 at the top. vmin and vmax give the
            # same colors to the same shares in every picture.
            axes.imshow(weights[layer][head].tolist(), vmin=0, vmax=1, origin="upper")

            # We count from 0, the title counts from 1.
            axes.set_title(f"layer {layer + 1}, head {head + 1}", fontsize=10)

            # One tick for each token: where it looks is below, the token that
            # looks is at the left. parse_math=False: a "$" is just a "$".
            axes.set_xticks(range(T), labels=labels, rotation=angle, fontsize=8, parse_math=False)
            axes.set_yticks(range(T), labels=labels, fontsize=8, parse_math=False)

    # Hand the figure back. Nothing is shown or saved here.
    return figure
