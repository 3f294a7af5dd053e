"""Record, rank and draw the attention weights of a small GPT."""

import sys

import torch


def record_attention(model, ids):
    """Run the model once and return one tensor (H, T, T) for each layer."""
    # Find the module (the loaded file) in which the model's class was written.
    home = sys.modules[type(model).__module__]

    # Without this function there is nothing to listen to.
    if not hasattr(home, "causal_attention"):
        raise ValueError(f"module {home.__name__} has no causal_attention")

    # Remember the true function, so that we can call it and put it back.
    true_function = home.causal_attention

    # The listener adds one map to this list each time a layer calls it.
    maps = []

    # *args takes all positional arguments, **kwargs all named ones.
    def listener(*args, **kwargs):
        # Let the true function do the work, with the same arguments.
        result = true_function(*args, **kwargs)

        # The result is a pair; only its second part interests us.
        output, weights = result

        # [0] takes the only text of the batch: (1, H, T, T) becomes (H, T, T).
        # clone() makes a copy of our own, which nobody else can change.
        maps.append(weights[0].detach().cpu().clone())

        # Hand on exactly what came back, so the model notices nothing.
        return result

    # Write down the mode of the model and of every part inside it.
    modes = [(part, part.training) for part in model.modules()]

    try:
        # From here on, the model finds our listener under the name.
        home.causal_attention = listener

        # Eval mode switches off dropout, for example.
        model.eval()

        # Run once without gradients; the output itself is not needed.
        with torch.no_grad():
            model(ids)
    finally:
        # This part runs after an error too: put the true function back.
        home.causal_attention = true_function

        # Put every part back into the mode that it was in.
        for part, was_training in modes:
            part.training = was_training

    # An empty list means that the listener was never called.
    if not maps:
        raise ValueError("the model never called causal_attention")

    return maps


def strongest(weights, tokens, place, n=3):
    """Return the n places that get most from this place, largest first."""
    # weights is (T, T), so the number of its rows is T.
    T = weights.shape[0]

    # Refuse wrong input (without this, Python would read -1 as the last row).
    if len(tokens) != T:
        raise ValueError(f"need {T} tokens, got {len(tokens)}")
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # Take this place's row, up to and including the place, as a list of floats.
    shares = weights[place, : place + 1].tolist()  # PREDICT: what is this for place 0?

    # This small function tells sorted what to sort the places by.
    def share_of(p):
        return shares[p]

    # Sort the places by share, largest first.
    # sorted leaves equals in their old order, so the earlier one comes first.
    order = sorted(range(place + 1), key=share_of, reverse=True)

    # Keep the first n places; a slice simply gives fewer where there are fewer.
    best = []
    for p in order[:n]:
        best.append((p, tokens[p], shares[p]))

    return best


def attention_figure(weights, tokens):
    """Draw one picture for each head: layers are rows, heads are columns."""
    # Import here, so that the other two functions work without matplotlib.
    from matplotlib.figure import Figure

    # weights is a list with one tensor (H, T, T) for each layer.
    layers = len(weights)
    heads = weights[0].shape[0]
    T = weights[0].shape[-1]

    # Every row and column needs its token.
    if len(tokens) != T:
        raise ValueError(f"need {T} tokens, got {len(tokens)}")

    # Make spaces visible, in a new list, so that tokens stays as it is.
    labels = [token.replace(" ", "␣") for token in tokens]

    # There is one tick for each token, at 0, 1, ..., T - 1.
    ticks = list(range(T))

    # A longer text gets larger pictures, but at most 8 inches wide.
    side = min(2 + 0.2 * T, 8)

    # "constrained" leaves room for the titles and labels.
    figure = Figure(figsize=(side * heads, side * layers), layout="constrained")

    # squeeze=False gives a grid even for a single layer or a single head.
    pictures = figure.subplots(layers, heads, squeeze=False)

    # Fill the grid, picture by picture.
    for layer in range(layers):
        for head in range(heads):
            picture = pictures[layer, head]

            # tolist turns this head's (T, T) tensor into a list of rows.
            rows = weights[layer][head].tolist()

            # origin="upper" puts row 0 at the top.
            # vmin and vmax give a colour the same meaning in every picture.
            picture.imshow(rows, vmin=0, vmax=1, origin="upper", cmap="viridis")

            # Python counts from 0, the title counts from 1.
            picture.set_title(f"layer {layer + 1}, head {head + 1}")

            # Write the tokens at both axes.
            # parse_math=False: a "$" is a plain sign here, not a formula.
            picture.set_xticks(ticks, labels=labels, parse_math=False)
            picture.set_yticks(ticks, labels=labels, parse_math=False)

            # Say which axis is which.
            picture.set_xlabel("where it looks")
            picture.set_ylabel("token that looks")

    return figure
