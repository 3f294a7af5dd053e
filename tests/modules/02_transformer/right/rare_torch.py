# Style: functional pipeline of less usual torch functions (unflatten, movedim, logsumexp, reduce, dataclass config)
from dataclasses import asdict, dataclass
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    when = torch.arange(q.shape[-2], device=q.device)
    visible = torch.ge(when[:, None], when[None, :])
    scores = torch.matmul(q, k.swapaxes(-1, -2)).mul(q.shape[-1] ** -0.5)
    scores = scores.where(visible, torch.tensor(float("-inf"), device=q.device))
    weights = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
    return torch.matmul(weights, v), weights


@dataclass
class Sizes:
    vocab_size: int
    n_embd: int
    n_head: int
    n_layer: int
    block_size: int

    def __post_init__(self):
        if divmod(self.n_embd, self.n_head)[1]:
            raise ValueError(f"{self.n_head} heads cannot share {self.n_embd} numbers")

    @property
    def per_head(self) -> int:
        return self.n_embd // self.n_head


class Residual(nn.Module):
    """x -> x + inner(norm(x))"""

    def __init__(self, sizes: Sizes, inner: nn.Module):
        super().__init__()
        self.norm = nn.LayerNorm(sizes.n_embd)
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.inner(self.norm(x)))


class Heads(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.split = (3, sizes.n_head, sizes.per_head)
        self.into = nn.Linear(sizes.n_embd, 3 * sizes.n_embd)
        self.out = nn.Linear(sizes.n_embd, sizes.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        parts = self.into(x).unflatten(-1, self.split)
        q, k, v = (part.movedim(-2, 1) for part in parts.unbind(dim=2))
        found, _ = causal_attention(q, k, v)
        return self.out(found.movedim(1, -2).flatten(start_dim=-2))


class Think(nn.Module):
    def __init__(self, sizes: Sizes):
        super().__init__()
        self.wide = nn.Linear(sizes.n_embd, 4 * sizes.n_embd)
        self.narrow = nn.Linear(4 * sizes.n_embd, sizes.n_embd)

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(self.wide(x))
        return self.narrow(hidden)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        sizes = Sizes(vocab_size, n_embd, n_head, n_layer, block_size)
        self.config = asdict(sizes)
        self.what = nn.Embedding(vocab_size, n_embd)
        self.where = nn.Parameter(torch.randn(block_size, n_embd))
        self.layers = nn.ModuleList(
            Residual(sizes, make(sizes)) for _ in range(n_layer) for make in (Heads, Think)
        )
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        length = ids.size(dim=-1)
        if length > self.config["block_size"]:
            raise ValueError(f"{length} tokens do not fit into {self.config['block_size']} places")
        x = torch.add(self.what(ids), self.where.narrow(0, 0, length))
        x = reduce(lambda y, layer: layer(y), self.layers, x)
        return self.head(self.norm(x))
