"""Loop 7, the attention map: listen to a model while it looks back, and draw where it looks.

Shapes: T tokens, H heads. Row t of a map says how token t shares out its attention: the weights of
loop 2, which are never negative, are 0 for later tokens, and make 1 together.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/07_attention_visualization_test.py scaffolds/07_attention_visualization_skeleton.py
# Or take it over:  cp scaffolds/07_attention_visualization_skeleton.py mini_gpt/attention_map.py

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
        raise NotImplementedError("write Listener.__init__ in mini_gpt/attention_map.py")

    def __call__(self, *given, **named):
        """Hand everything on, there and back, and keep a copy of the weights (H, T, T)."""
        # Let the true function answer.
        # Keep the weights of the only text, cut off from the model, so that nothing changes them.
        # The model must not notice that somebody listens.
        raise NotImplementedError("write Listener.__call__ in mini_gpt/attention_map.py")


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
    # Without it, there is nothing to listen to.
    # Use the model as it is when it writes. Remember its mode, to restore it.
    # Put the listener where the model looks, and run the model once.
        # Whatever happened, the name stands for the true function again.
    # A model may calculate its attention without this function.
    raise NotImplementedError("write record_attention in mini_gpt/attention_map.py")


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
    # Each token must have a row and a column.
    # Refuse a place that no token has. Python itself would take -1 as "the last one".
    # Nobody asks for less than one place.
    # A token looks at itself and back: this part of its row.
    # Sort the places by their share. Sorting leaves equals in their order.
    raise NotImplementedError("write strongest in mini_gpt/attention_map.py")


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
    # Write each token beside its row and below its column. Long ones need to stand upright.
    raise NotImplementedError("write draw_map in mini_gpt/attention_map.py")


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
    # Go through the layers. Each map must have a row for each token.
        # Refuse tokens that belong to another text.
    # Make the picture large enough to read the letters. Nothing is shown on a screen.
    # A space cannot be seen, so it gets a sign.
    # Draw each head of each layer. People count from 1.
        # Head by head:
    # One bar tells for all maps what the colors mean.
    raise NotImplementedError("write attention_figure in mini_gpt/attention_map.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "07_attention_visualization_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
