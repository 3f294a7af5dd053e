import sys

import torch


def record_attention(model, ids):
    """Return one tensor (H, T, T) of attention weights for each layer."""
    # The layers look up causal_attention in this module.
    module = sys.modules.get(type(model).__module__)
    if not hasattr(module, "causal_attention"):
        raise ValueError("the model's module has no causal_attention")
    # Remember the true function, to call it and to put it back.
    true_function = module.causal_attention
    kept = []

    def listener(*args, **kwargs):
        # Pass on the arguments just as they came, positional or named.
        output, weights = true_function(*args, **kwargs)
        # Keep the only sequence of the batch, cut off from the gradients.
        kept.append(weights[0].detach().cpu())
        # The layer gets both results unchanged.
        return output, weights

    # Remember the mode of every part: some may differ from the whole model.
    modes = [(part, part.training) for part in model.modules()]
    try:
        module.causal_attention = listener
        # Eval mode switches dropout off.
        model.eval()
        # One run, without gradients.
        with torch.no_grad():
            model(ids)
    finally:
        # Put everything back, even if the run failed.
        module.causal_attention = true_function
        for part, training in modes:
            part.training = training
    # An empty list means that no layer called the function.
    if not kept:
        raise ValueError("the model never called causal_attention")
    return kept


def strongest(weights, tokens, place, n=3):
    """Return the n largest shares of weights[place] as (place, token, share).

    weights is the table (T, T) of one head.
    """
    size = len(weights)
    if len(tokens) != size:
        raise ValueError(f"expected {size} tokens, got {len(tokens)}")
    # Without this check, a negative place would count from the end.
    if not 0 <= place < size:
        raise ValueError(f"place must be from 0 to {size - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # tolist() makes new Python floats, so weights stays as it is.
    shares = weights[place, : place + 1].tolist()
    # Largest share first; of equal shares, the earlier place first.
    order = sorted(range(len(shares)), key=lambda i: (-shares[i], i))
    # The slice gives fewer than n where there are fewer.
    return [(i, str(tokens[i]), shares[i]) for i in order[:n]]


def attention_figure(weights, tokens):
    """Return a Figure with a row for each layer and a column for each head.

    weights is the list from record_attention.
    """
    # Figure without pyplot: no window opens.
    from matplotlib.figure import Figure

    labels = [str(token) for token in tokens]
    for layer in weights:
        if layer.shape[-1] != len(labels):
            raise ValueError(
                f"expected {layer.shape[-1]} tokens, got {len(labels)}"
            )
    rows, columns = len(weights), weights[0].shape[0]
    # The constrained layout keeps titles and labels from overlapping.
    figure = Figure(figsize=(3 * columns, 3 * rows), layout="constrained")
    # squeeze=False: always a 2-D array of axes, even for one layer or head.
    axes = figure.subplots(rows, columns, squeeze=False)
    for i, layer in enumerate(weights):
        for j, head in enumerate(layer):
            ax = axes[i, j]
            # float() also covers half precision, which NumPy may not know.
            picture = head.detach().cpu().float().numpy()
            # The same color scale for all pictures.
            ax.imshow(picture, vmin=0, vmax=1)
            # People count from 1.
            ax.set_title(f"layer {i + 1}, head {j + 1}")
            # parse_math=False: a token with $ is not read as a formula.
            ax.set_xticks(range(len(labels)), labels=labels, parse_math=False)
            ax.set_yticks(range(len(labels)), labels=labels, parse_math=False)
    return figure
