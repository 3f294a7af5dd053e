"""A model that never says what is too unlikely: samplers for your own generate."""

import torch
from torch import Tensor, nn

from mini_gpt.support.speaking.samplers import Sampler
from mini_gpt.support.stand_in import StandIn


class Narrowed(StandIn):
    """A model whose unlikely tokens cannot be drawn: their score is minus infinity.

    Args:
        model: a MiniGPT.
        samplers: decide which tokens stay, see mini_gpt/support/speaking/samplers.py.
        temperature: above 0. The odds are those that will be drawn by.
    """

    def __init__(self, model: nn.Module, samplers: list[Sampler], temperature: float):
        super().__init__(model)
        self.samplers = samplers
        self.temperature = temperature

    def forward(self, ids: Tensor) -> Tensor:
        """Map a text (1, T) to logits (1, T, V). All rows hold those after the last token."""
        logits = self.model(ids)[:, -1]
        odds = torch.softmax(logits[0].detach().double() / self.temperature, dim=-1).numpy()
        keep = torch.from_numpy(self.samplers[0](odds))
        for sampler in self.samplers[1:]:
            keep = keep & torch.from_numpy(sampler(odds))
        narrowed = logits.masked_fill(~keep, float("-inf"))
        return narrowed[:, None].expand(-1, ids.shape[1], -1)
