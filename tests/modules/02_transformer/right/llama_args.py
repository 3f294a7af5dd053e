# The Llama repository from memory, formatted by black: ModelArgs, wq wk wv wo, a norm of its own.
import math
from dataclasses import asdict, dataclass
from typing import Tuple

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class ModelArgs:
    vocab_size: int = 100
    n_embd: int = 64
    n_head: int = 4
    n_layer: int = 2
    block_size: int = 512


class Norm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, unbiased=False)
        normed = (x - mean) * torch.rsqrt(var + self.eps)
        return normed * self.weight + self.bias


def causal_attention(
    xq: torch.Tensor,
    xk: torch.Tensor,
    xv: torch.Tensor,
) -> Tuple[torch.Tensor, torch.Tensor]:
    seqlen = xq.size(2)
    head_dim = xq.size(-1)
    mask = torch.full((seqlen, seqlen), float("-inf"), device=xq.device)
    mask = torch.triu(mask, diagonal=1)
    scores = torch.matmul(xq, xk.transpose(2, 3)) / math.sqrt(head_dim)
    scores = scores + mask  # (bs, n_heads, seqlen, seqlen)
    scores = F.softmax(scores.float(), dim=-1).type_as(xq)
    output = torch.matmul(scores, xv)  # (bs, n_heads, seqlen, head_dim)
    return output, scores


class Attention(nn.Module):
    def __init__(self, args: ModelArgs):
        super().__init__()
        self.n_heads = args.n_head
        self.head_dim = args.n_embd // args.n_head
        self.wq = nn.Linear(args.n_embd, args.n_head * self.head_dim, bias=True)
        self.wk = nn.Linear(args.n_embd, args.n_head * self.head_dim, bias=True)
        self.wv = nn.Linear(args.n_embd, args.n_head * self.head_dim, bias=True)
        self.wo = nn.Linear(args.n_head * self.head_dim, args.n_embd, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bsz, seqlen, _ = x.shape
        xq, xk, xv = self.wq(x), self.wk(x), self.wv(x)
        xq = xq.view(bsz, seqlen, self.n_heads, self.head_dim).transpose(1, 2)
        xk = xk.view(bsz, seqlen, self.n_heads, self.head_dim).transpose(1, 2)
        xv = xv.view(bsz, seqlen, self.n_heads, self.head_dim).transpose(1, 2)
        output, _ = causal_attention(xq, xk, xv)
        output = output.transpose(1, 2).contiguous().view(bsz, seqlen, -1)
        return self.wo(output)


class FeedForward(nn.Module):
    def __init__(self, dim: int, hidden_dim: int):
        super().__init__()
        self.w1 = nn.Linear(dim, hidden_dim)
        self.w2 = nn.Linear(hidden_dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.w2(F.silu(self.w1(x)))


class TransformerBlock(nn.Module):
    def __init__(self, layer_id: int, args: ModelArgs):
        super().__init__()
        self.layer_id = layer_id
        self.attention = Attention(args)
        self.feed_forward = FeedForward(
            dim=args.n_embd,
            hidden_dim=4 * args.n_embd,
        )
        self.attention_norm = Norm(args.n_embd)
        self.ffn_norm = Norm(args.n_embd)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x + self.attention(self.attention_norm(x))
        out = h + self.feed_forward(self.ffn_norm(h))
        return out


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        params = ModelArgs(vocab_size, n_embd, n_head, n_layer, block_size)
        if params.n_embd % params.n_head:
            raise ValueError(f"{params.n_head} heads do not divide {params.n_embd}")
        self.config = asdict(params)
        self.tok_embeddings = nn.Embedding(params.vocab_size, params.n_embd)
        self.pos_embeddings = nn.Embedding(params.block_size, params.n_embd)
        self.layers = torch.nn.ModuleList()
        for layer_id in range(params.n_layer):
            self.layers.append(TransformerBlock(layer_id, params))
        self.norm = Norm(params.n_embd)
        self.output = nn.Linear(params.n_embd, params.vocab_size)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _bsz, seqlen = tokens.shape
        if seqlen > self.config["block_size"]:
            raise ValueError(f"{seqlen} tokens do not fit")
        h = self.tok_embeddings(tokens)
        h = h + self.pos_embeddings(torch.arange(seqlen, device=tokens.device))
        for layer in self.layers:
            h = layer(h)
        h = self.norm(h)
        return self.output(h)
