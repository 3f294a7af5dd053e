"""One model for many visitors: each growing text has a KV cache of its own."""

import threading

import torch
from torch import Tensor, nn

from mini_gpt.support.speaking.remembering import Remembering, remember
from mini_gpt.support.stand_in import StandIn

MOST_TEXTS = 12
"""So many growing texts are kept. The one that was asked for longest ago makes room."""


class Shared(StandIn):
    """A model that is shown several growing texts in turn, and works only on what is new in each.

    A text that is asked for twice, for its bars and for its next token, is calculated once.

    Args:
        model: a MiniGPT that the cache of mini_gpt/kv_cache.py can use.
    """

    def __init__(self, model: nn.Module):
        super().__init__(model)
        self.texts: list[Text] = []
        self.one_at_a_time = threading.Lock()

    @torch.no_grad()
    def forward(self, ids: Tensor) -> Tensor:
        """Map a text (1, T) to logits (1, T, V). All rows hold those after the last token."""
        with self.one_at_a_time:
            known = [text for text in self.texts if text.is_beginning_of(ids)]
            text = max(known, key=Text.length, default=None) or Text(self.model)
            self.texts = [other for other in self.texts if other is not text][1 - MOST_TEXTS :]
            self.texts.append(text)
            return text.logits(ids)


class Text:
    """One growing text, and what was calculated for it.

    Args:
        model: a MiniGPT.
    """

    def __init__(self, model: nn.Module):
        self.model = Remembering(model)
        self.ids = torch.zeros(1, 0, dtype=torch.int64)
        self.last: Tensor | None = None

    def length(self) -> int:
        """Return how many tokens it has."""
        return self.ids.shape[1]

    def is_beginning_of(self, ids: Tensor) -> bool:
        """Tell whether other ids, (1, T), go on from this text, or are the same."""
        return torch.equal(self.ids, ids[:, : self.length()])

    def logits(self, ids: Tensor) -> Tensor:
        """Return the logits of a text that goes on from this one, (1, T, V), and remember it."""
        if self.last is None or not torch.equal(self.ids, ids):
            self.ids, self.last = ids, self.model(ids)
        return self.last


def share(model: nn.Module) -> tuple[nn.Module, str]:
    """Return a model for many visitors, and a line that tells whether it uses your cache.

    Where the cache cannot be used, it is the model itself.
    """
    quick, line = remember(model)
    return (model if quick is model else Shared(model)), line
