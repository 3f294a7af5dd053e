"""As little code as possible: a stack of nn.TransformerEncoderLayer with the square mask."""

import torch
import torch.nn as nn

subsequent_mask = nn.Transformer.generate_square_subsequent_mask


def causal_attention(q, k, v):
    *_, n, d = q.shape
    logits = torch.matmul(q, torch.transpose(k, 2, 3)) / d**0.5
    logits = logits + subsequent_mask(n, device=q.device, dtype=q.dtype)
    weights = torch.softmax(logits, dim=3)
    return torch.matmul(weights, v), weights


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        names = ("vocab_size", "n_embd", "n_head", "n_layer", "block_size")
        self.config = dict(zip(names, (vocab_size, n_embd, n_head, n_layer, block_size)))
        self.words = nn.Embedding(vocab_size, n_embd)
        self.places = nn.Embedding(block_size, n_embd)
        self.stack = nn.ModuleList()
        while len(self.stack) < n_layer:
            layer = nn.TransformerEncoderLayer(
                d_model=n_embd,
                nhead=n_head,
                dim_feedforward=4 * n_embd,
                dropout=0.0,
                activation="gelu",
                batch_first=True,
                norm_first=True,
            )
            self.stack.append(layer)
        self.norm = nn.LayerNorm(n_embd)
        self.decoder = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        n = ids.size(1)
        mask = subsequent_mask(n, device=ids.device)
        hidden = self.words(ids) + self.places(torch.arange(n, device=ids.device))
        for layer in self.stack:
            hidden = layer(hidden, src_mask=mask, is_causal=True)
        return self.decoder(self.norm(hidden))
