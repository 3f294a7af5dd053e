"""A model that is used in the place of another."""

from torch import nn


class StandIn(nn.Module):
    """Has another model's config, and switches its mode only where that changes anything.

    Your generate switches the mode twice for each token. To go through all parts of a model each
    time takes a third as long as the token itself.

    Args:
        model: a MiniGPT, or another stand-in.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        self.config = model.config
        self.training = model.training

    def train(self, mode: bool = True) -> "StandIn":
        """Switch to training, or to being used."""
        return self if mode == self.training else super().train(mode)
