# A student who typed along with "Dive into Deep Learning" (d2l.ai): valid lengths, AddNorm, blks
import math

import torch
from torch import nn


def masked_softmax(X, valid_lens):
    """Perform softmax operation by masking elements on the last axis."""
    maxlen = X.shape[-1]
    mask = torch.arange(maxlen, device=X.device)[None, :] < valid_lens[:, None]
    X = X.masked_fill(~mask, -1e6)
    return nn.functional.softmax(X, dim=-1)


def causal_attention(queries, keys, values):
    num_steps, d = queries.shape[-2:]
    scores = torch.matmul(queries, keys.transpose(2, 3)) / math.sqrt(d)
    # Shape of dec_valid_lens: (num_steps,), every row is [1, 2, ..., num_steps]
    dec_valid_lens = torch.arange(1, num_steps + 1, device=queries.device)
    attention_weights = masked_softmax(scores, dec_valid_lens)
    return torch.matmul(attention_weights, values), attention_weights


class MultiHeadAttention(nn.Module):
    """Multi-head attention."""

    def __init__(self, num_hiddens, num_heads, bias=True):
        super().__init__()
        self.num_heads = num_heads
        self.W_q = nn.Linear(num_hiddens, num_hiddens, bias=bias)
        self.W_k = nn.Linear(num_hiddens, num_hiddens, bias=bias)
        self.W_v = nn.Linear(num_hiddens, num_hiddens, bias=bias)
        self.W_o = nn.Linear(num_hiddens, num_hiddens, bias=bias)

    def transpose_qkv(self, X):
        """Transposition for parallel computation of multiple attention heads."""
        # Shape of output X: (batch_size, num_steps, num_heads, num_hiddens / num_heads)
        X = X.reshape(X.shape[0], X.shape[1], self.num_heads, -1)
        return X.permute(0, 2, 1, 3)

    def transpose_output(self, X):
        """Reverse the operation of transpose_qkv."""
        X = X.permute(0, 2, 1, 3)
        return X.reshape(X.shape[0], X.shape[1], -1)

    def forward(self, queries, keys, values):
        queries = self.transpose_qkv(self.W_q(queries))
        keys = self.transpose_qkv(self.W_k(keys))
        values = self.transpose_qkv(self.W_v(values))
        output, self.attention_weights = causal_attention(queries, keys, values)
        output_concat = self.transpose_output(output)
        return self.W_o(output_concat)


class PositionWiseFFN(nn.Module):
    """The positionwise feed-forward network."""

    def __init__(self, ffn_num_hiddens, ffn_num_outputs):
        super().__init__()
        self.dense1 = nn.Linear(ffn_num_outputs, ffn_num_hiddens)
        self.relu = nn.ReLU()
        self.dense2 = nn.Linear(ffn_num_hiddens, ffn_num_outputs)

    def forward(self, X):
        return self.dense2(self.relu(self.dense1(X)))


class AddNorm(nn.Module):
    """The residual connection followed by layer normalization."""

    def __init__(self, norm_shape):
        super().__init__()
        self.ln = nn.LayerNorm(norm_shape)

    def forward(self, X, Y):
        return self.ln(Y + X)


class TransformerDecoderBlock(nn.Module):
    # The i-th block in the decoder, without the encoder-decoder attention
    def __init__(self, num_hiddens, ffn_num_hiddens, num_heads, i):
        super().__init__()
        self.i = i
        self.attention = MultiHeadAttention(num_hiddens, num_heads)
        self.addnorm1 = AddNorm(num_hiddens)
        self.ffn = PositionWiseFFN(ffn_num_hiddens, num_hiddens)
        self.addnorm2 = AddNorm(num_hiddens)

    def forward(self, X):
        Y = self.addnorm1(X, self.attention(X, X, X))
        return self.addnorm2(Y, self.ffn(Y))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError("num_hiddens must be divisible by num_heads")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head)
        self.config.update(n_layer=n_layer, block_size=block_size)
        self.num_hiddens = n_embd
        self.embedding = nn.Embedding(vocab_size, n_embd)
        self.pos_embedding = nn.Embedding(block_size, n_embd)
        self.blks = nn.Sequential()
        for i in range(n_layer):
            self.blks.add_module(
                "block" + str(i), TransformerDecoderBlock(n_embd, 4 * n_embd, n_head, i))
        self.ln = nn.LayerNorm(n_embd)
        self.dense = nn.Linear(n_embd, vocab_size)

    def forward(self, X):
        num_steps = X.shape[1]
        if num_steps > self.config["block_size"]:
            raise ValueError("the sequence is too long")
        pos = self.pos_embedding(torch.arange(num_steps, device=X.device))
        X = self.embedding(X) * math.sqrt(self.num_hiddens) + pos
        self._attention_weights = [None] * len(self.blks)
        for i, blk in enumerate(self.blks):
            X = blk(X)
            self._attention_weights[i] = blk.attention.attention_weights
        return self.dense(self.ln(X))
