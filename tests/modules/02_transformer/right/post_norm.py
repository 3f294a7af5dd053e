"""After the 2017 paper: norm behind each skip connection, its own layer norm, the paper's names."""

import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.shift = nn.Parameter(torch.zeros(d_model))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.gain * (x - mean) / torch.sqrt(variance + self.eps) + self.shift


def causal_attention(Q, K, V):
    n, d_k = Q.shape[-2], Q.shape[-1]
    penalty = torch.full((n, n), float("-inf"), device=Q.device).triu(diagonal=1)
    scores = Q @ K.transpose(2, 3) / d_k**0.5 + penalty
    A = scores.softmax(dim=-1)
    return A @ V, A


class MultiHead(nn.Module):
    def __init__(self, d_model, h):
        super().__init__()
        self.h, self.d_k = h, d_model // h
        self.W_Q = nn.Linear(d_model, d_model)
        self.W_K = nn.Linear(d_model, d_model)
        self.W_V = nn.Linear(d_model, d_model)
        self.W_O = nn.Linear(d_model, d_model)

    def split(self, X):
        batch, n, _ = X.shape
        return X.view(batch, n, self.h, self.d_k).permute(0, 2, 1, 3)

    def forward(self, X):
        Q = self.split(self.W_Q(X))
        K = self.split(self.W_K(X))
        V = self.split(self.W_V(X))
        Z, _ = causal_attention(Q, K, V)
        Z = Z.permute(0, 2, 1, 3).reshape(X.shape)
        return self.W_O(Z)


class Layer(nn.Module):
    def __init__(self, d_model, h):
        super().__init__()
        self.attention = MultiHead(d_model, h)
        self.norm_1 = Norm(d_model)
        self.W_1 = nn.Linear(d_model, 4 * d_model)
        self.W_2 = nn.Linear(4 * d_model, d_model)
        self.norm_2 = Norm(d_model)

    def forward(self, X):
        X = self.norm_1(X + self.attention(X))
        X = self.norm_2(X + self.W_2(self.W_1(X).relu()))
        return X


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        pairs = [("vocab_size", vocab_size), ("n_embd", n_embd), ("n_head", n_head)]
        pairs += [("n_layer", n_layer), ("block_size", block_size)]
        self.config = dict(pairs)
        self.E_token = nn.Embedding(vocab_size, n_embd)
        self.E_place = nn.Embedding(block_size, n_embd)
        self.layers = nn.ModuleList([Layer(n_embd, n_head) for _ in range(n_layer)])
        self.norm_last = Norm(n_embd)
        self.W_vocab = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        n = ids.shape[1]
        X = self.E_token(ids) + self.E_place(torch.arange(n, device=ids.device))
        for layer in self.layers:
            X = layer(X)
        return self.W_vocab(self.norm_last(X))
