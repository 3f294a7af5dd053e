"""The same GPT, with what was found since GPT-2: python -m mini_gpt train --modern.

Read it beside scaffolds/reference/transformer.py. Seven ingredients are new, and each can be
left out, to see what it is good for. docs/since_gpt2.md tells what each one bought.

Shapes: B sequences, T tokens each, C numbers per token, H heads, D = C / H, V possible tokens.
Left out: what bought nothing here, such as a squared ReLU, RMSNorm and layers that begin at zero.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, rms_norm

from mini_gpt.transformer import causal_attention

INGREDIENTS = ("rotary", "qk_norm", "pairs", "triples", "fours", "token_shift", "recall")
ROWS = 16_384
"""Rows in the tables of pieces. Where two pieces fall into the same row, they share it."""
PRIMES = (36_313, 27_191, 50_021, 44_123)
"""Numbers that keep different pieces apart, and scatter them over all rows."""
RECALLED = (3, 5)
"""So many tokens must stand there once more before the model recalls what followed."""
BEFORE = 0.3
"""With token_shift, such a share of each token comes from the one before it, at first."""
SPREAD = 0.1
"""How far the numbers of a table are from 0 at first. Tables are added, so they begin small."""
SHARPNESS = 4.0
"""The score of a query and a key that point the same way, at first."""


def rotate(x: Tensor) -> Tensor:
    """Turn each vector by angles that grow with its place.

    A score of two turned vectors tells how far apart they stand, and not where. So what is learned
    of a distance is true everywhere in the text, and no table of positions is needed.
    Source: Su et al. 2021, arXiv:2104.09864, equation 34, with numbers j and j + D/2 as a pair.

    Args:
        x: queries or keys, (B, H, T, D), D even.
    """
    T, D = x.shape[-2:]
    # The first pair turns by 1 radian from place to place, the last one hardly at all.
    speeds = 10_000 ** (-2 * torch.arange(D // 2, device=x.device) / D)
    angles = torch.arange(T, device=x.device)[:, None] * speeds  # (T, D / 2)
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def pieces(ids: Tensor, length: int) -> Tensor:
    """Return for each token one number that stands for it and the tokens before it.

    Args:
        ids: int64, (B, T).
        length: 2 for pairs, 3 for triples, up to 5. Before the beginning stands id 0.

    Returns:
        int64, (B, T). Different pieces hardly ever have the same number.
    """
    numbers = ids
    for step, prime in zip(range(1, length), PRIMES):
        numbers = numbers * prime + pad(ids, (step, 0))[:, :-step] + 1
    return numbers


def rows_of(ids: Tensor, length: int) -> Tensor:
    """Return for each token which row of a table belongs to its piece. Arguments as for pieces."""
    return pieces(ids, length) % ROWS


def followers(ids: Tensor, length: int, never: int) -> Tensor:
    """Return for each token what followed when its piece stood in this text the last time.

    Source: the induction heads of Olsson et al. 2022, arXiv:2209.11895, which a model learns by
    itself if it is large enough, here looked up, like the n-gram heads of Akyürek et al. 2024,
    arXiv:2401.12973.

    Args:
        ids: int64, (B, T).
        length: how many tokens a piece has, up to 5.
        never: the id to return where the piece was not there before.

    Returns:
        int64, (B, T).
    """
    numbers, places = pieces(ids, length), torch.arange(1, ids.shape[1] + 1, device=ids.device)
    earlier = (numbers[:, :, None] == numbers[:, None, :]).tril(-1)  # (B, T, T)
    behind = (earlier * places).amax(-1)  # the place behind the last one, 0 if there is none
    return ids.gather(1, behind).where(behind > 0, never)


def table(rows: int, n_embd: int) -> nn.Embedding:
    """Make a table with small numbers."""
    made = nn.Embedding(rows, n_embd)
    nn.init.normal_(made.weight, std=SPREAD)
    return made


class TokenShift(nn.Module):
    """Mix into each token a share of the one before it. How much, each number learns.

    Source: Peng et al. 2023, arXiv:2305.13048, section 3.1.
    """

    def __init__(self, n_embd: int):
        super().__init__()
        self.share = nn.Parameter(torch.full((n_embd,), BEFORE))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, C) to (B, T, C). Before the first token stand zeros."""
        return x.lerp(pad(x, (0, 0, 1, 0))[:, :-1], self.share)


class Attention(nn.Module):
    """Causal attention in several heads, with turned queries and keys.

    Args:
        config: the sizes of the model, and what it goes without.
    """

    def __init__(self, config: dict):
        super().__init__()
        C, self.n_head, self.without = config["n_embd"], config["n_head"], config["without"]
        self.qkv = nn.Linear(C, 3 * C)
        self.output = nn.Linear(C, C)
        if "qk_norm" not in self.without:
            self.sharpness = nn.Parameter(torch.full((self.n_head, 1, 1), SHARPNESS))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, C) to (B, T, C)."""
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        split = (B, T, self.n_head, C // self.n_head)
        q, k, v = (part.view(split).transpose(1, 2) for part in (q, k, v))
        # Only the direction of a query and of a key counts. How sharply, each head learns.
        # Source: Henry et al. 2020, arXiv:2010.04245.
        if "qk_norm" not in self.without:
            size = q.shape[-1:]
            q, k = rms_norm(q, size) * self.sharpness, rms_norm(k, size)
        if "rotary" not in self.without:
            q, k = rotate(q), rotate(k)
        mixed, _ = causal_attention(q, k, v)
        return self.output(mixed.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    """One layer: the tokens talk to each other, then each thinks for itself. As in loop 2.

    Args:
        config: the sizes of the model, and what it goes without.
    """

    def __init__(self, config: dict):
        super().__init__()
        C = config["n_embd"]
        shifts = "token_shift" not in config["without"]
        self.norm_1 = nn.LayerNorm(C)
        self.shift_1 = TokenShift(C) if shifts else nn.Identity()
        self.attention = Attention(config)
        self.norm_2 = nn.LayerNorm(C)
        self.shift_2 = TokenShift(C) if shifts else nn.Identity()
        self.mlp = nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, C) to (B, T, C)."""
        x = x + self.attention(self.shift_1(self.norm_1(x)))
        return x + self.mlp(self.shift_2(self.norm_2(x)))


class ModernGPT(nn.Module):
    """A GPT of today in small: from the ids of a text to a guess about each next id.

    Args:
        vocab_size: how many different ids there are, V.
        n_embd: numbers per token, C.
        n_head: heads of each attention, H. C is a multiple of 2 H.
        n_layer: how many blocks follow one another.
        block_size: the longest text that the model can look at, in tokens.
        without: some of INGREDIENTS, to see what the others do alone.

    Raises:
        ValueError: the sizes do not fit, or there is no such ingredient.
    """

    def __init__(
        self,
        vocab_size: int,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 256,
        without: tuple[str, ...] = (),
    ):
        super().__init__()
        if n_embd % (2 * n_head):
            raise ValueError(f"n_embd must be a multiple of {2 * n_head}, got {n_embd}")
        if strange := set(without) - set(INGREDIENTS):
            raise ValueError(f"without must hold some of {INGREDIENTS}, got {strange}")
        sizes = {"n_embd": n_embd, "n_head": n_head, "n_layer": n_layer, "block_size": block_size}
        self.config = {"vocab_size": vocab_size, **sizes, "without": list(without)}
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # Without rotary, the model knows places as loop 2's does: from a table.
        if "rotary" in without:
            self.position_embedding = nn.Embedding(block_size, n_embd)
        # What the last two, three and four letters mean together, looked up and not worked out.
        # Source: Roy et al. 2022, arXiv:2207.06366; two that share a row: Svenstrup et al. 2017,
        # arXiv:1709.03933.
        lengths = {"pairs": 2, "triples": 3, "fours": 4}
        self.lengths = [n for name, n in lengths.items() if name not in without]
        self.rare_tables = nn.ModuleList(table(ROWS, n_embd) for _ in self.lengths)
        # What stood behind the same three and five letters, the last time in this very text.
        # Where they are new, it is one id more than there are.
        recalled = RECALLED if "recall" not in without else ()
        self.recalled = nn.ModuleList(table(vocab_size + 1, n_embd) for _ in recalled)
        self.blocks = nn.ModuleList(Block(self.config) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        """Guess what follows each token: ids (B, T) to logits (B, T, V).

        Raises:
            ValueError: T is larger than block_size.
        """
        T = ids.shape[1]
        if T > self.config["block_size"]:
            raise ValueError(f"T must be up to block_size {self.config['block_size']}, got {T}")
        x = self.token_embedding(ids)
        if "rotary" in self.config["without"]:
            x = x + self.position_embedding(torch.arange(T, device=ids.device))
        for length, rows in zip(self.lengths, self.rare_tables):
            x = x + rows(rows_of(ids, length))
        for length, rows in zip(RECALLED, self.recalled):
            x = x + rows(followers(ids, length, self.config["vocab_size"]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))
