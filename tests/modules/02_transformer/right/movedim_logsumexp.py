# Less usual but right torch calls: unflatten, movedim, mT, logsumexp; short and dense.
import torch
import torch.nn as nn

SIZES = ("vocab_size", "n_embd", "n_head", "n_layer", "block_size")


def causal_attention(q, k, v):
    scores = torch.matmul(q, k.mT).mul(q.size(-1) ** -0.5)
    when = torch.arange(q.size(-2), device=q.device)
    seen = when.unsqueeze(-1).ge(when)  # may the row's token see the column's?
    scores = torch.where(seen, scores, scores.new_tensor(-torch.inf))
    log_total = torch.logsumexp(scores, dim=-1, keepdim=True)
    weights = torch.exp(scores - log_total)
    return torch.matmul(weights, v), weights


class Mixer(nn.Module):
    """Norm, attention, projection."""

    def __init__(self, width, heads):
        super().__init__()
        self.split = (3, heads, width // heads)
        self.norm = nn.LayerNorm(width)
        self.inp, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        qkv = self.inp(self.norm(x)).unflatten(-1, self.split)  # B T 3 H D
        q, k, v = qkv.movedim((2, 3), (0, 2))  # 3 B H T D
        mixed, _ = causal_attention(q, k, v)
        return self.out(mixed.movedim(1, 2).flatten(start_dim=2))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.mixer = Mixer(width, heads)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width),
            nn.SiLU(),
            nn.Linear(4 * width, width),
        )

    def forward(self, x):
        x = torch.add(x, self.mixer(x))
        return torch.add(x, self.mlp(x))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"{n_head} heads cannot share {n_embd} numbers")
        self.config = dict(zip(SIZES, (vocab_size, n_embd, n_head, n_layer, block_size)))
        self.what = nn.Embedding(vocab_size, n_embd)
        self.where = nn.Embedding(block_size, n_embd)
        self.layers = nn.ModuleList([Layer(n_embd, n_head) for _ in range(n_layer)])
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        length = ids.size(-1)
        if length > self.where.num_embeddings:
            raise ValueError(f"{length} tokens are too many")
        x = self.what(ids).add(self.where.weight.narrow(0, 0, length))
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))
