"""A sentence for each head, with its proof: how well it fits, and what the model loses without."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mini_gpt.support.looking import roles
from mini_gpt.support.looking.ablation import loss, losses_without
from mini_gpt.support.looking.listening import listen
from mini_gpt.support.looking.sample import Sample


@dataclass(frozen=True)
class Caption:
    """What is known of one head.

    Args:
        layer: from 1.
        head: from 1.
        role: a sentence that goes on after "this head ...".
        nearest: the role that fits best, clear or not.
        score: how well it fits, 0 for an even guess, 1 for always.
        loss: the loss on the sample without this head, in nats.
        rise: how much more that is than with all heads.
    """

    layer: int
    head: int
    role: str
    nearest: str
    score: float
    loss: float
    rise: float

    @property
    def name(self) -> str:
        """The head, as the pictures call it."""
        return f"layer {self.layer}, head {self.head}"

    @property
    def is_clear(self) -> bool:
        """Tell whether the head has a role."""
        return self.role != roles.NO_ROLE

    @property
    def sentence(self) -> str:
        """What the head does. Where nothing is clear, what comes nearest."""
        return self.role if self.is_clear else f"{self.role} (nearest: {self.nearest})"


def judge(maps: list[Tensor], texts: list[list[str]]) -> list[tuple[str, str, float]]:
    """Name the role of each of N heads.

    It is the role that fits best, if its score is at least roles.CLEAR, and no other role, save for
    a wider one, comes nearer to it than roles.LEAD. Otherwise, a head that treats all places alike,
    to roles.EVENLY at least, has that as its role. All other heads have none.

    Args:
        maps: for each text the weights of N heads, (N, T, T).
        texts: the T tokens of each text.

    Returns:
        For each head: its role, the role that fits best, and the score of that.
    """
    known = roles.roles_for(texts)
    scores = torch.stack([roles.score(maps, texts, role) for role in known], dim=-1)
    scores = scores.nan_to_num(nan=float("-inf"))
    return [
        verdict(dict(zip(known, row)), even, texts)
        for row, even in zip(scores.tolist(), roles.evenness(maps).tolist())
    ]


def verdict(scores: dict[roles.Role, float], even: float, texts: list) -> tuple[str, str, float]:
    """Name the role of one head, from its score for each role that is known."""
    best = max(scores, key=scores.__getitem__)
    nearest, top = best.sentence, scores[best]
    rivals = [role for role in scores if role != best and scores[role] > top - roles.LEAD]
    if top >= roles.CLEAR and all(roles.is_wider(rival, best, texts) for rival in rivals):
        return nearest, nearest, top
    if even >= roles.EVENLY or top == float("-inf"):
        return (roles.EVEN if even >= roles.EVENLY else roles.NO_ROLE), roles.EVEN, even
    return roles.NO_ROLE, nearest, top


def caption(model, sample: Sample) -> tuple[list[Caption], float]:
    """Find out what each head does, and what the model loses without it.

    Args:
        model: a MiniGPT that calls causal_attention, in eval mode.
        sample: the text to measure on.

    Returns:
        A caption for each head, layer by layer, and the loss with all heads, in nats.
    """
    heard = [listen(model, window[None, :-1]) for window in sample.windows]
    heads = [len(layer) for layer in heard[0]]
    judged = judge([torch.cat(layers) for layers in heard], sample.texts)
    whole = loss(model, sample.windows)
    losses = losses_without(model, sample.windows, heads)
    places = [(layer, head) for layer, n_head in enumerate(heads) for head in range(n_head)]
    return [
        Caption(layer + 1, head + 1, *said, losses[layer][head], losses[layer][head] - whole)
        for (layer, head), said in zip(places, judged)
    ], whole
