# A Keras user: Dense and Add layers, separate query, key and value, the mask is a negative bias.
import torch
from torch import nn

VERY_SMALL = -1e9


class CausalMask(nn.Module):
    def forward(self, scores):
        rows = torch.arange(scores.shape[-2]).unsqueeze(1)
        columns = torch.arange(scores.shape[-1]).unsqueeze(0)
        bias = (columns > rows).float() * VERY_SMALL
        return scores + bias


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = CausalMask()
        self.activation = nn.Softmax(dim=3)

    def forward(self, query, key, value):
        key_dim = key.shape[-1]
        scores = torch.einsum("bhqd,bhkd->bhqk", query, key)
        scores = scores * key_dim**-0.5
        weights = self.activation(self.mask(scores))
        return torch.einsum("bhqk,bhkd->bhqd", weights, value), weights


def causal_attention(q, k, v):
    return Attention()(q, k, v)


class Add(nn.Module):
    def forward(self, inputs):
        return inputs[0] + inputs[1]


class Dense(nn.Module):
    def __init__(self, inputs, units, activation=None):
        super().__init__()
        self.kernel = nn.Linear(inputs, units)
        self.activation = activation

    def forward(self, x):
        y = self.kernel(x)
        return y if self.activation is None else self.activation(y)


class MultiHeadAttention(nn.Module):
    def __init__(self, num_heads, units):
        super().__init__()
        if units % num_heads:
            raise ValueError("units must be a multiple of num_heads")
        self.num_heads = num_heads
        self.query_dense = Dense(units, units)
        self.key_dense = Dense(units, units)
        self.value_dense = Dense(units, units)
        self.output_dense = Dense(units, units)

    def split(self, x):
        return x.unflatten(-1, (self.num_heads, -1)).swapaxes(1, 2)

    def forward(self, x):
        query = self.split(self.query_dense(x))
        key = self.split(self.key_dense(x))
        value = self.split(self.value_dense(x))
        context, _ = causal_attention(query, key, value)
        merged = context.swapaxes(1, 2).flatten(2)
        return self.output_dense(merged)


class TransformerBlock(nn.Module):
    def __init__(self, num_heads, units):
        super().__init__()
        self.att = MultiHeadAttention(num_heads, units)
        self.ffn_in = Dense(units, 4 * units, activation=torch.relu)
        self.ffn_out = Dense(4 * units, units)
        self.layernorm1 = nn.LayerNorm(units)
        self.layernorm2 = nn.LayerNorm(units)
        self.add = Add()

    def forward(self, inputs):
        attended = self.att(self.layernorm1(inputs))
        middle = self.add([inputs, attended])
        hidden = self.ffn_in(self.layernorm2(middle))
        return self.add([middle, self.ffn_out(hidden)])


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        settings = locals()
        names = ["vocab_size", "n_embd", "n_head", "n_layer", "block_size"]
        self.config = {name: settings[name] for name in names}
        self.embed_tokens = nn.Embedding(vocab_size, n_embd)
        self.embed_places = nn.Embedding(block_size, n_embd)
        self.stack = nn.Sequential()
        for number in range(n_layer):
            self.stack.append(TransformerBlock(n_head, n_embd))
        self.final_norm = nn.LayerNorm(n_embd)
        self.classifier = Dense(n_embd, vocab_size)

    def forward(self, ids):
        length = ids.shape[1]
        if length > self.embed_places.num_embeddings:
            raise ValueError("the text is longer than block_size")
        places = torch.arange(length).expand_as(ids)
        x = self.embed_tokens(ids) + self.embed_places(places)
        return self.classifier(self.final_norm(self.stack(x)))
