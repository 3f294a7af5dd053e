"""Loop 2, the transformer: each token looks back at those before it, and guesses the next one.

Shapes: B sequences, T tokens each, C numbers per token, H heads, D = C / H, V possible tokens.
Source: Vaswani et al. 2017, arXiv:1706.03762; layer order as in GPT-2. Left out: dropout, caching.
"""

import math

import torch
from torch import Tensor, nn


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Let each token gather what it needs from itself and from the tokens before it.

    output = softmax(q k^T / sqrt(D)) v, with the future hidden (Vaswani et al. 2017, equation 1).

    Args:
        q: queries, what each token looks for, (B, H, T, D).
        k: keys, what each token offers to be found by, (B, H, T, D).
        v: values, what each token hands over when it is found, (B, H, T, D).

    Returns:
        The output (B, H, T, D), and the weights (B, H, T, T): how much each token took from which.
    """
    T, D = q.shape[-2:]
    # Score every pair of tokens: how well does this query match that key?
    scores = q @ k.transpose(-2, -1)  # (B, H, T, T)
    # A sum of D products grows with D. Scale it back, or the softmax sees only the largest score.
    scores = scores / math.sqrt(D)
    # Hide the future: a token may look at itself and back, never ahead.
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    scores = scores.masked_fill(future, float("-inf"))
    # Turn each row of scores into weights: none is negative, and together they make 1.
    weights = torch.softmax(scores, dim=-1)
    # Mix the values by these weights.
    return weights @ v, weights


class SelfAttention(nn.Module):
    """Run causal attention in several heads at once: each head can look for something else.

    Args:
        n_embd: numbers per token, C.
        n_head: how many heads share them, H. It divides n_embd.
    """

    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, C) to (B, T, C)."""
        B, T, C = x.shape
        # Make a query, a key and a value for each token: all at once with qkv, then cut in three.
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        # Give each head its own share of the C numbers: (B, T, C) -> (B, H, T, D)
        split = (B, T, self.n_head, C // self.n_head)
        q, k, v = (part.view(split).transpose(1, 2) for part in (q, k, v))
        # Let the tokens look back.
        mixed, _ = causal_attention(q, k, v)
        # Put the heads side by side again: (B, H, T, D) -> (B, T, C)
        mixed = mixed.transpose(1, 2).reshape(B, T, C)
        # Let the layer output mix what the heads found.
        return self.output(mixed)


class Block(nn.Module):
    """One layer of the transformer: the tokens talk to each other, then each thinks for itself.

    Args:
        n_embd: numbers per token, C.
        n_head: heads of the attention, H.
    """

    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, C) to (B, T, C)."""
        # Talk: norm_1 brings the numbers to a common size, and attention looks back. Add what it
        # found to what was there. This sum is the skip connection.
        x = x + self.attention(self.norm_1(x))
        # Think: after norm_2, the small network mlp works on each token alone. Add what it made.
        return x + self.mlp(self.norm_2(x))


class MiniGPT(nn.Module):
    """A GPT in small: from the ids of a text to a guess about each next id.

    Args:
        vocab_size: how many different ids there are, V.
        n_embd: numbers per token, C.
        n_head: heads of each attention, H. It divides n_embd.
        n_layer: how many blocks follow one another.
        block_size: the longest text that the model can look at, in tokens.

    Raises:
        ValueError: n_embd is not divisible by n_head.
    """

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        # Each head gets an equal share of the numbers, so refuse sizes that leave a rest.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd must be divisible by n_head, got {n_embd} and {n_head}")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        """Guess what follows each token.

        Args:
            ids: int64, (B, T), with T up to block_size.

        Returns:
            Logits (B, T, V): one score for each possible next id. Higher means more likely.

        Raises:
            ValueError: T is larger than block_size.
        """
        T = ids.shape[1]
        # Refuse a text that is too long: there are only block_size positions to know.
        if T > self.config["block_size"]:
            raise ValueError(f"T must be up to block_size {self.config['block_size']}, got {T}")
        # Each token starts as the sum of two vectors: what it is (token_embedding), and where it
        # stands (position_embedding), counted from 0.
        positions = torch.arange(T, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T) -> (B, T, C)
        # Send them through the blocks, one after the other:
        for block in self.blocks:
            x = block(x)
        # Bring the numbers to a common size (norm), and score every possible next token (head).
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, V)
