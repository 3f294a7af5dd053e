# First week of PyTorch: one position after the other, everything spelled out.

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    # find out how big everything is
    batch = q.shape[0]
    heads = q.shape[1]
    length = q.shape[2]
    head_size = q.shape[3]

    all_outputs = []
    all_weights = []
    for t in range(length):
        # the question of the token at place t
        question = q[:, :, t : t + 1, :]
        # it may only look at the places 0, 1, ..., t
        seen_keys = k[:, :, : t + 1, :]
        seen_values = v[:, :, : t + 1, :]

        # dot product = multiply and add up
        score = (question * seen_keys).sum(dim=3)
        score = score / head_size**0.5
        weight = torch.softmax(score, dim=2)

        # average of the values
        output = (weight.unsqueeze(3) * seen_values).sum(dim=2)
        all_outputs.append(output)

        # the future gets zeros, so that all rows are equally long
        zeros = torch.zeros(batch, heads, length - t - 1, dtype=q.dtype, device=q.device)
        row = torch.cat([weight, zeros], dim=2)
        all_weights.append(row)

    outputs = torch.stack(all_outputs, dim=2)
    weights = torch.stack(all_weights, dim=2)
    return outputs, weights


class OneLayer(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.norm_a = nn.LayerNorm(n_embd)
        self.query = nn.Linear(n_embd, n_embd)
        self.key = nn.Linear(n_embd, n_embd)
        self.value = nn.Linear(n_embd, n_embd)
        self.mix = nn.Linear(n_embd, n_embd)
        self.norm_b = nn.LayerNorm(n_embd)
        self.big = nn.Linear(n_embd, 4 * n_embd)
        self.small = nn.Linear(4 * n_embd, n_embd)

    def cut_into_heads(self, x):
        pieces = []
        size = x.shape[2] // self.n_head
        for h in range(self.n_head):
            pieces.append(x[:, :, h * size : (h + 1) * size])
        return torch.stack(pieces, dim=1)

    def glue_heads(self, x):
        pieces = []
        for h in range(self.n_head):
            pieces.append(x[:, h, :, :])
        return torch.cat(pieces, dim=2)

    def forward(self, x):
        # first half: look at the other tokens
        before = x
        x = self.norm_a(x)
        q = self.cut_into_heads(self.query(x))
        k = self.cut_into_heads(self.key(x))
        v = self.cut_into_heads(self.value(x))
        x, _ = causal_attention(q, k, v)
        x = self.glue_heads(x)
        x = self.mix(x)
        x = before + x

        # second half: think about what was seen
        before = x
        x = self.norm_b(x)
        x = self.big(x)
        x = torch.relu(x)
        x = self.small(x)
        x = before + x
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.token_table = nn.Embedding(vocab_size, n_embd)
        self.place_table = nn.Embedding(block_size, n_embd)
        self.layers = nn.ModuleList()
        for i in range(n_layer):
            self.layers.append(OneLayer(n_embd, n_head))
        self.last_norm = nn.LayerNorm(n_embd)
        self.to_letters = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        length = ids.shape[1]
        places = torch.arange(length, device=ids.device)
        x = self.token_table(ids)
        x = x + self.place_table(places)
        for layer in self.layers:
            x = layer(x)
        x = self.last_norm(x)
        x = self.to_letters(x)
        return x
