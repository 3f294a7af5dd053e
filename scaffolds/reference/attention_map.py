"""Loop 7, the attention map: listen to a model while it looks back, and draw where it looks.

Shapes: T tokens, H heads. Row t of a map says how token t shares out its attention: the weights of
loop 2, which are never negative, are 0 for later tokens, and make 1 together.
"""

import sys

import torch
from torch import Tensor, nn

CELL = 0.14  # inches for each token, just enough for a letter beside it
SMALLEST = 2.6  # inches for a map of few tokens


class Listener:
    """Stands where causal_attention stood: it does the same, and keeps the weights.

    Args:
        attention: the function that it stands for.
    """

    def __init__(self, attention):
        # Remember the true function. Nothing has been heard yet.
        self.attention = attention
        self.heard = []

    def __call__(self, *given, **named):
        """Hand everything on, there and back, and keep a copy of the weights (H, T, T)."""
        # Let the true function answer.
        output, weights = self.attention(*given, **named)
        # Keep the weights of the only text, cut off from the model, so that nothing changes them.
        self.heard.append(weights[0].detach().cpu().clone())
        # The model must not notice that somebody listens.
        return output, weights


@torch.no_grad()
def record_attention(model: nn.Module, ids: Tensor) -> list[Tensor]:
    """Run a model once, and write down where each token looks.

    Args:
        model: a MiniGPT whose module has a function causal_attention, which it calls.
        ids: the text, int64, (1, T), T up to block_size.

    Returns:
        One tensor (H, T, T) for each layer, the first layer first.

    Raises:
        ValueError: the module has no causal_attention, or the model never calls it, or the text is
            longer than block_size.
    """
    # The model looks the function up by its name, in the module where its class was written.
    name = type(model).__module__
    module = sys.modules.get(name)
    attention = getattr(module, "causal_attention", None)
    # Without it, there is nothing to listen to.
    if attention is None:
        raise ValueError(f"{name} must have a function causal_attention to listen to")
    # Use the model as it is when it writes. Remember its mode, to restore it.
    was_training = model.training
    model.eval()
    # Put the listener where the model looks, and run the model once.
    listener = module.causal_attention = Listener(attention)
    try:
        model(ids)
    finally:
        # Whatever happened, the name stands for the true function again.
        module.causal_attention = attention
        model.train(was_training)
    # A model may calculate its attention without this function.
    if not listener.heard:
        raise ValueError(f"the model must call causal_attention of {name}, but it never did")
    return listener.heard


def strongest(
    weights: Tensor, tokens: list[str], place: int, n: int = 3
) -> list[tuple[int, str, float]]:
    """List where a token looks most.

    Args:
        weights: the map of one head, (T, T).
        tokens: the text, T tokens.
        place: which token looks, 0 to T - 1.
        n: how many places to list, at least 1.

    Returns:
        (place, token, share) of the n places up to this one that get most, the largest first. Of
        equals the earlier one. Fewer if there are not as many.

    Raises:
        ValueError: tokens do not fit the weights, or place or n is out of range.
    """
    T = len(tokens)
    # Each token must have a row and a column.
    if weights.shape != (T, T):
        raise ValueError(f"weights must be {T} x {T} for {T} tokens, got {tuple(weights.shape)}")
    # Refuse a place that no token has. Python itself would take -1 as "the last one".
    if not 0 <= place < T:
        raise ValueError(f"place must be 0 to {T - 1}, got {place}")
    # Nobody asks for less than one place.
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # A token looks at itself and back: this part of its row.
    shares = weights[place, : place + 1].tolist()
    # Sort the places by their share. Sorting leaves equals in their order.
    best = sorted(range(place + 1), key=lambda other: -shares[other])
    return [(other, tokens[other], shares[other]) for other in best[:n]]


def draw_map(axes, shares: Tensor, labels: list[str]):
    """Draw the map of one head: who looks, from the top, and where, from the left.

    Args:
        axes: where to draw.
        shares: (T, T).
        labels: what stands beside the rows and below the columns.

    Returns:
        The image.
    """
    # White is nothing, dark blue is everything, in all maps alike.
    image = axes.imshow(shares.numpy(), vmin=0, vmax=1, cmap="Blues")
    # Write each token beside its row and below its column. Long ones need to stand upright.
    upright = 90 if max(map(len, labels)) > 1 else 0
    style = {"family": "monospace", "fontsize": 8, "parse_math": False}
    axes.set_yticks(range(len(labels)), labels, **style)
    axes.set_xticks(range(len(labels)), labels, rotation=upright, **style)
    axes.tick_params(length=0)
    return image


def attention_figure(weights: list[Tensor], tokens: list[str]):
    """Draw a map for each head: one row of maps for each layer.

    Args:
        weights: what record_attention returned: one (H, T, T) for each layer.
        tokens: the text, T tokens.

    Returns:
        A matplotlib.figure.Figure. figure.savefig("map.png") keeps it.

    Raises:
        ValueError: there are not T tokens.
    """
    from matplotlib.figure import Figure

    T = len(tokens)
    # Go through the layers. Each map must have a row for each token.
    for layer in weights:
        # Refuse tokens that belong to another text.
        if layer.shape[-2:] != (T, T):
            raise ValueError(f"tokens must be as many as rows of a map, {len(layer[0])}, got {T}")
    # Make the picture large enough to read the letters. Nothing is shown on a screen.
    n_layer, n_head, side = len(weights), len(weights[0]), max(SMALLEST, CELL * T)
    size = ((side + 0.4) * n_head + 1, (side + 0.8) * n_layer)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(n_layer, n_head, squeeze=False)
    # A space cannot be seen, so it gets a sign.
    labels = [token.replace(" ", "␣").replace("\n", "⏎") for token in tokens]
    # Draw each head of each layer. People count from 1.
    for row, layer in enumerate(weights):
        # Head by head:
        for column, shares in enumerate(layer):
            image = draw_map(panels[row, column], shares, labels)
            panels[row, column].set_title(f"layer {row + 1}, head {column + 1}")
    # One bar tells for all maps what the colors mean.
    figure.colorbar(image, ax=panels, label="share of the attention", shrink=0.6, pad=0.02)
    return figure
