"""A model that reads a text: how likely it finds each right answer is known before."""

import math

import torch
from torch.nn.functional import one_hot

VOCAB_SIZE = 16


def by_place(ids, steps=0):
    """Choose a chance for each id that depends on its window: on its place, and on the first id."""
    places = torch.arange(ids.shape[1])
    return 0.05 + 0.9 * ((ids[:, :1] * 7 + places * 3 + ids * 5) % 11) / 11


def make_reader(chance=by_place):
    """Make a model that gives a known probability to the id that is one larger.

    Args:
        chance: from the ids (B, T), and the number of training steps so far, to the probabilities
            (B, T). So it is in eval mode. In train mode, a table is learned.
    """

    class Reader(torch.nn.Module):
        rows, modes, gradients, told = [], [], [], []  # shared with any copy of it

        def __init__(self):
            super().__init__()
            self.config = {"vocab_size": VOCAB_SIZE, "block_size": 1000}
            self.table = torch.nn.Parameter(torch.zeros(VOCAB_SIZE, VOCAB_SIZE))
            self.inner = torch.nn.Identity()

        def forward(self, ids):
            self.rows.append(ids.tolist())
            self.modes.append(self.training)
            self.gradients.append(torch.is_grad_enabled())
            following = (ids + 1) % VOCAB_SIZE
            if self.training:
                found = torch.log_softmax(self.table[ids].detach(), dim=-1)
                self.told.append(-float(found.gather(-1, following[..., None]).mean()))
                return self.table[ids]
            right = chance(ids, len(self.told))[..., None]
            others = (1 - right) / (VOCAB_SIZE - 1)
            hit = one_hot(following, VOCAB_SIZE) > 0
            return torch.where(hit, right, others).log() + 0 * self.table[ids]

    return Reader().eval()


def losses_of(ids, block_size, chance=by_place):
    """Say slowly which loss each answer has in eval mode: a list for each window.

    Args:
        ids: the text, a list.
        block_size: ids in one window.
        chance: that of the reader.
    """
    windows = []
    for start in range(0, len(ids) - 1, block_size):
        shown = ids[start : min(start + block_size, len(ids) - 1)]
        chances = chance(torch.tensor([shown]))[0].tolist()
        window = []
        for place, p in enumerate(chances):
            hit = ids[start + place + 1] == (ids[start + place] + 1) % VOCAB_SIZE
            window.append(-math.log(p if hit else (1 - p) / (VOCAB_SIZE - 1)))
        windows.append(window)
    return windows
