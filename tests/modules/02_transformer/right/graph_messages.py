"""A GPT as a graph network: tokens are nodes, "may look at" is an edge, attention is message passing.

Edge (j -> i) exists when j <= i.  E = T * (T + 1) / 2 edges in all.
"""

import math

import torch
from torch import nn

# The edge list of the last text length, so that it is not built again in every layer.
_EDGES = {}


def causal_edges(n, device):
    """Who hears whom: two index tensors (E,), receivers and senders, with sender <= receiver."""
    key = (n, device, torch.is_inference_mode_enabled())
    if _EDGES.get("key") != key:
        receivers, senders = torch.tril_indices(n, n, device=device).unbind(0)
        _EDGES.update(key=key, receivers=receivers, senders=senders)
    return _EDGES["receivers"], _EDGES["senders"]


def edge_softmax(scores, group, n):
    """Softmax of edge scores (B, H, E) among all edges with the same number in group (E,)."""
    B, H, _ = scores.shape
    # The largest score of each group. Subtracting it keeps exp() from overflowing.
    index = group.expand(B, H, -1)                                                   # (B, H, E)
    highest = scores.new_zeros(B, H, n).scatter_reduce(
        2, index, scores.detach(), reduce="amax", include_self=False)                # (B, H, n)
    strength = torch.exp(scores - highest.index_select(2, group))                    # (B, H, E)
    # Sum per group, then each edge gets its share.
    total = scores.new_zeros(B, H, n).index_add(2, group, strength)                  # (B, H, n)
    return strength / total.index_select(2, group)                                   # (B, H, E)


def causal_attention(q, k, v):
    """q, k, v (B, H, T, D) -> output (B, H, T, D), weights (B, H, T, T)."""
    B, H, T, D = q.shape
    receivers, senders = causal_edges(T, q.device)

    # The receiver brings the query, the sender the key.
    asked = q.index_select(2, receivers)                  # (B, H, E, D)
    offered = k.index_select(2, senders)                  # (B, H, E, D)
    scores = (asked * offered).sum(-1) / math.sqrt(D)     # (B, H, E)

    # Each receiver shares out its attention among those that it hears.
    share = edge_softmax(scores, receivers, T)            # (B, H, E)

    # The same numbers as a table: places without an edge stay 0.
    weights = q.new_zeros(B, H, T, T)
    weights[:, :, receivers, senders] = share  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Every edge carries a value, every receiver adds up what arrives.
    messages = share.unsqueeze(-1) * v.index_select(2, senders)   # (B, H, E, D)
    output = v.new_zeros(B, H, T, D)
    output.index_add_(2, receivers, messages)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> (B, T, 3, H, D) -> (3, B, H, T, D)
        parts = self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)
        heard, _ = causal_attention(*parts.unbind(0))
        # (B, H, T, D) -> (B, T, C)
        return self.output(heard.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

    def forward(self, x):
        # Message round, then node update.
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"{n_head} heads cannot share {n_embd} numbers evenly")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head,
                           n_layer=n_layer, block_size=block_size)
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        _, T = ids.shape
        if T > self.config["block_size"]:
            raise ValueError(f"a graph of {T} nodes is too large, the limit is {self.config['block_size']}")
        # Node features: what the token is, and where it stands.
        nodes = self.token_embedding(ids) + self.position_embedding.weight[:T]    # (B, T, C)
        for block in self.blocks:
            nodes = block(nodes)
        return self.head(self.norm(nodes))                                        # (B, T, vocab_size)
