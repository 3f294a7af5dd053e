# attention_map.py - see where a small GPT looks

import sys

import torch


def record_attention(model, ids):
    """Run the model once; return one tensor (H, T, T) for each layer."""
    # Find the module in which the model's class was written.
    module = sys.modules[type(model).__module__]

    # Without this function there is nothing to listen to.
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no causal_attention")

    # Keep the true function, so that we can call it and put it back later.
    true_function = module.causal_attention

    # The listener adds one tensor to this list each time a layer calls it.
    maps = []

    # *args catches the positional arguments, **kwargs the named ones.
    def listener(*args, **kwargs):
        # Let the true function do the work; result is (output, weights).
        result = true_function(*args, **kwargs)

        # Take the only text of the batch: (1, H, T, T) becomes (H, T, T).
        weights = result[1][0]

        # Keep our own copy: no gradients (detach), on the CPU (cpu),
        # and safe if the model changes its tensor later (clone).
        maps.append(weights.detach().cpu().clone())

        # The layer gets exactly what the true function returned.
        return result

    # Note the mode (training or eval) of the model and of each part in it.
    modes = [(part, part.training) for part in model.modules()]

    try:
        # Put the listener in the place of the true function.
        module.causal_attention = listener

        # Eval mode switches dropout off.
        model.eval()

        # Run once without gradients; we need only what the listener keeps.
        with torch.no_grad():
            model(ids)
    finally:
        # This part runs after success and after an error:
        # put the true function back.
        module.causal_attention = true_function

        # Give the model and each part the mode that it was in.
        for part, mode in modes:
            part.training = mode

    # An empty list means that no layer called the listener.
    if not maps:
        raise ValueError("the model never called causal_attention")

    return maps


def strongest(weights, tokens, place, n=3):
    """Return the n places that get most from this place, largest first."""
    # weights is (T, T), so its first size is the number of tokens.
    T = weights.shape[0]

    # Refuse arguments that make no sense.
    if len(tokens) != T:
        raise ValueError(f"need {T} tokens, got {len(tokens)}")
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    # Take this place's row, cut off after the place itself, as plain floats.
    row = weights[place, :place + 1].tolist()  # PREDICT: what is this for place 0?

    # Sort the places by share, the largest first.
    # sorted leaves equal shares in their old order: the earlier place first.
    order = sorted(range(len(row)), key=lambda p: row[p], reverse=True)

    # Keep the first n; the slice gives fewer where there are fewer.
    best = [(p, tokens[p], row[p]) for p in order[:n]]

    return best


def attention_figure(weights, tokens):
    """Draw one picture for each head: a row for each layer."""
    # Import here, so that the other two functions work without matplotlib.
    from matplotlib.figure import Figure

    # Read the sizes: the list has one tensor (H, T, T) for each layer.
    layers = len(weights)
    H, T, _ = weights[0].shape

    # Each row and column needs its token.
    if len(tokens) != T:
        raise ValueError(f"need {T} tokens, got {len(tokens)}")

    # Make spaces visible in the labels; tokens itself stays as it is.
    labels = [token.replace(" ", "␣") for token in tokens]

    # More tokens need larger pictures (in inches, 10 at most) ...
    side = min(2 + 0.2 * T, 10)

    # ... and, for long texts, smaller letters (in points, 8 at most).
    letters = min(8, 400 / T)

    # An empty figure; "constrained" keeps labels and titles from overlapping.
    figure = Figure(figsize=(side * H, side * layers), layout="constrained")

    # A grid of pictures; squeeze=False keeps it a grid for one layer or head.
    grid = figure.subplots(layers, H, squeeze=False)

    # Go through the layers (down) and the heads (across).
    for layer in range(layers):
        for head in range(H):
            axes = grid[layer, head]

            # The numbers of this head, as a list of T rows.
            rows = weights[layer][head].tolist()

            # Draw them: 0 is dark, 1 is bright, and row 0 is at the top.
            axes.imshow(rows, vmin=0, vmax=1, origin="upper",
                        cmap="viridis", interpolation="nearest")

            # Python counts from 0, the title from 1.
            axes.set_title(f"layer {layer + 1}, head {head + 1}")

            # One tick for each token at both axes.
            axes.set_xticks(range(T))
            axes.set_yticks(range(T))

            # Write the tokens there; parse_math=False draws "$" as it is.
            axes.set_xticklabels(labels, fontsize=letters, parse_math=False)
            axes.set_yticklabels(labels, fontsize=letters, parse_math=False)

            # Say what the two directions mean.
            axes.set_xlabel("where it looks")
            axes.set_ylabel("token that looks")

    return figure
