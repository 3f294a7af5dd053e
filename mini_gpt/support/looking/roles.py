"""What a head might do: for each token, the set of places that such a head would look at.

A role is scored against an even guess. Of all tokens for which the role names a place, and leaves a
choice, take the mean share of the attention that its places get, and the mean share that they would
get if all places up to the token got the same. Then

    score = (share - even) / (1 - even)

is 1 for a head that always looks there and nowhere else, and 0 for one that does not care.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mini_gpt.support.looking.labels import in_units

CLEAR = 0.5
"""The lowest score of a clear role: half the way from an even guess to always."""

EVENLY = 0.8
"""How alike a head must treat all places to be called even."""

LEAD = 0.1
"""How much better it must be than the next role. Otherwise the texts cannot tell the two apart.

A wider role does not count: who looks at the last space looks at spaces."""

FEWEST, FEWEST_SHARE = 8, 0.1
"""A role must name a place for so many tokens at least, and for such a share of them all."""

NO_ROLE = "has no clear role"
EVEN = "looks at all places alike"


@dataclass(frozen=True)
class Role:
    """A role: what it is called, and where it looks.

    Args:
        sentence: goes on after "this head ...".
        places: from T tokens to a bool tensor (T, T): which places each token would look at.
    """

    sentence: str
    places: Callable[[list[str]], Tensor]


def back(steps: int) -> Callable[[list[str]], Tensor]:
    """Make a role of the token so many places before. 0 is the token itself."""
    return lambda tokens: torch.ones(len(tokens), len(tokens)).tril(-steps).triu(-steps) > 0


def start(tokens: list[str]) -> Tensor:
    """Name the first place of the text, for all tokens."""
    return pick(tokens, lambda place: 0)


def word_start(tokens: list[str]) -> Tensor:
    """Name the place where the word of a token begins, for all but its first character."""
    begins, word = [], None
    for place, token in enumerate(tokens):
        if not token[-1:].isalnum():
            word = None
        elif word is None or not token[:1].isalnum():
            word = place
        begins.append(word if word != place else None)
    return pick(tokens, begins.__getitem__)


def last_space(tokens: list[str]) -> Tensor:
    """Name the last space or end of line before a token."""
    spaces, last = [], None
    for place, token in enumerate(tokens):
        spaces.append(last)
        last = place if token.isspace() else last
    return pick(tokens, spaces.__getitem__)


def last_same(tokens: list[str]) -> Tensor:
    """Name the last place before a token where the same one stands."""
    return pick(tokens, last_places(tokens).__getitem__)


def after_same(tokens: list[str]) -> Tensor:
    """Name the place after the last one where the same token stands: what came next, back then."""
    last = last_places(tokens)
    after = [None if s is None or s + 1 == place else s + 1 for place, s in enumerate(last)]
    return pick(tokens, after.__getitem__)


def every(wanted: str) -> Callable[[list[str]], Tensor]:
    """Make a role of all places where one certain token stands."""

    def places(tokens: list[str]) -> Tensor:
        found = torch.tensor([token == wanted for token in tokens])
        return found.expand(len(tokens), -1).tril()

    return places


def last_places(tokens: list[str]) -> list[int | None]:
    """Return for each token where the same one stood last, or None."""
    seen, last = {}, []
    for place, token in enumerate(tokens):
        last.append(seen.get(token))
        seen[token] = place
    return last


def pick(tokens: list[str], place_of: Callable[[int], int | None]) -> Tensor:
    """Make a bool tensor (T, T) with at most one place for each token."""
    named = torch.zeros(len(tokens), len(tokens), dtype=torch.bool)
    for token in range(len(tokens)):
        place = place_of(token)
        if place is not None:
            named[token, place] = True
    return named


ROLES = (
    Role("looks at itself", back(0)),
    Role("looks at the character before", back(1)),
    Role("looks two characters back", back(2)),
    Role("looks at the beginning of the text", start),
    Role("looks at the beginning of the word", word_start),
    Role("looks at the last space", last_space),
    Role("finds the last place of the same letter", last_same),
    Role("finds what came after the same letter", after_same),
)


def roles_for(texts: list[list[str]]) -> tuple[Role, ...]:
    """Return all roles that make sense for some texts: one more for each frequent token."""
    count = Counter(token for tokens in texts for token in set(tokens))
    found = sorted(token for token in count if count[token] >= FEWEST_SHARE * len(texts))
    everything = [token for tokens in texts for token in tokens]
    named = tuple(replace(role, sentence=in_units(role.sentence, everything)) for role in ROLES)
    return named + tuple(Role(f"looks for {called(token)}", every(token)) for token in found)


def is_wider(role: Role, than: Role, texts: list[list[str]]) -> bool:
    """Tell whether a role names all places that another one names, and more."""
    pairs = [(role.places(tokens), than.places(tokens)) for tokens in texts]
    return all((b <= a).all() for a, b in pairs) and not all((a <= b).all() for a, b in pairs)


def called(token: str) -> str:
    """Name a token in a sentence."""
    return {" ": "spaces", "\n": "ends of lines"}.get(token, f'"{token}"')


def score(maps: list[Tensor], texts: list[list[str]], role: Role) -> Tensor:
    """Tell how well heads fit a role.

    Args:
        maps: for each text the weights of N heads, (N, T, T).
        texts: the T tokens of each text.
        role: which one.

    Returns:
        N scores, up to 1. NaN if the role names places for too few tokens.
    """
    shares, even = [], []
    for weights, tokens in zip(maps, texts):
        named = role.places(tokens)
        allowed = torch.arange(1, len(tokens) + 1)
        count = named.sum(dim=-1)
        counts = (count > 0) & (count < allowed)
        shares.append((weights * named).sum(dim=-1)[:, counts])  # (N, T, T) -> (N, rows)
        even.append((count / allowed)[counts])
    share, guess = torch.cat(shares, dim=-1), torch.cat(even)
    if len(guess) < max(FEWEST, FEWEST_SHARE * sum(map(len, texts))):
        return torch.full((len(share),), float("nan"))
    return (share.mean(dim=-1) - guess.mean()) / (1 - guess.mean())


def evenness(maps: list[Tensor]) -> Tensor:
    """Tell how alike heads treat all places: N numbers from 0, one place each, to 1, all alike.

    It is 1 minus the mean, over all tokens but the first, of the attention that would have to be
    moved to make the row even, as a share of the most that could have to be.
    """
    moved = []
    for weights in maps:
        allowed = torch.arange(1, weights.shape[-1] + 1)[:, None]
        even = torch.ones_like(weights[0]).tril() / allowed
        rows = (weights - even).abs().sum(dim=-1) / 2  # (N, T, T) -> (N, T)
        moved.append(rows[:, 1:] / (1 - 1 / allowed[1:, 0]))
    return (1 - torch.cat(moved, dim=-1).mean(dim=-1)).nan_to_num(nan=0.0)  # no token but the first
