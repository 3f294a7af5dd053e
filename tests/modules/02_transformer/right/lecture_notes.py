"""Vorlesung 7: Der Transformer (Decoder), nach Vaswani et al. 2017 und GPT-2.

Bezeichnungen wie auf den Folien:
    B  Anzahl der Folgen          T    Länge einer Folge
    C  Breite (d_model, n_embd)   H    Anzahl der Köpfe
    D  Breite eines Kopfes (d_k)  V    Größe des Vokabulars
"""

import torch
from torch import nn

NEG_INF = float("-inf")


# Def. 7.1: softmax(s)_j = exp(s_j) / sum_l exp(s_l)
def softmax(S):
    # Bem. 7.2: softmax(s - c) = softmax(s). Mit c = max_j s_j läuft exp nicht über.
    S = S - S.amax(dim=-1, keepdim=True)
    E = torch.exp(S)
    return E / E.sum(dim=-1, keepdim=True)


# (7.3)  A = softmax(Q K^T / sqrt(D) + M),   O = A V
# i: Index der Anfrage, j: Index des Schlüssels, d: Index in einem Kopf
def causal_attention(q, k, v):
    T, D = q.size(-2), q.size(-1)
    # S_ij = <q_i, k_j> / sqrt(D)
    S = torch.einsum("bhid,bhjd->bhij", q, k) / D**0.5  # (B, H, T, D) -> (B, H, T, T)
    # M_ij = 0 für j <= i, sonst -unendlich
    M = torch.full((T, T), NEG_INF, dtype=S.dtype, device=S.device).triu(diagonal=1)
    A = softmax(S + M)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # o_i = sum_j A_ij v_j
    O = torch.einsum("bhij,bhjd->bhid", A, v)  # (B, H, T, T) -> (B, H, T, D)
    return O, A


# (7.4)  MultiHead(X) = Concat(O_1, ..., O_H) W_O
class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.H = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, X):
        B, T, C = X.shape
        # [Q K V] = X [W_Q W_K W_V]
        Q, K, V = self.qkv(X).split(C, dim=-1)
        # Zerlegung in Köpfe: (B, T, C) -> (B, T, H, D) -> (B, H, T, D)
        Q = Q.unflatten(-1, (self.H, C // self.H)).transpose(1, 2)
        K = K.unflatten(-1, (self.H, C // self.H)).transpose(1, 2)
        V = V.unflatten(-1, (self.H, C // self.H)).transpose(1, 2)
        O, _ = causal_attention(Q, K, V)
        # Concat: (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        return self.output(O.transpose(1, 2).flatten(2))


# (7.6)  X' = X + Attn(LN(X)),  X'' = X' + MLP(LN(X'))   (pre-norm, wie GPT-2)
class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        # (7.5)  MLP(x) = W_2 GELU(W_1 x + b_1) + b_2
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd)
        )

    def forward(self, X):
        X = X + self.attention(self.norm_1(X))
        X = X + self.mlp(self.norm_2(X))
        return X


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Voraussetzung: H teilt C
        if n_embd % n_head:
            raise ValueError(f"n_head = {n_head} teilt n_embd = {n_embd} nicht")
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        if T > self.config["block_size"]:
            raise ValueError(f"T = {T} ist größer als block_size = {self.config['block_size']}")
        # (7.7)  X_t = E[id_t] + P[t],  t = 0, ..., T - 1
        E = self.token_embedding(ids)  # (B, T) -> (B, T, C)
        P = self.position_embedding(torch.arange(T, device=ids.device))  # (T, C)
        X = E + P
        for block in self.blocks:
            X = block(X)
        # (7.8)  Logits Z = W LN(X) + b
        return self.head(self.norm(X))  # (B, T, C) -> (B, T, V)
