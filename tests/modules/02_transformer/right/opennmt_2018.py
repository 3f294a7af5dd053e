# PyTorch of 2018, after OpenNMT-py from memory: super(X, self), shape() and unshape() inside forward, feed-forward with its own norm and residual, -1e18
import math
import torch
import torch.nn as nn


def causal_attention(query, key, value):
    """
    Scaled dot product with the "no peeking" mask.
    """
    batch, head_count, length, dim_per_head = query.size()

    # 1) Scale the queries, then score them against the keys.
    query = query / math.sqrt(dim_per_head)
    scores = torch.matmul(query, key.transpose(2, 3))

    # 2) Hide the subsequent words.
    subsequent = torch.triu(torch.ones(length, length), diagonal=1)
    mask = subsequent.eq(1).expand_as(scores)
    scores = scores.masked_fill(mask, -1e18)

    # 3) Attention and the context vectors.
    softmax = nn.Softmax(dim=-1)
    attn = softmax(scores)
    context = torch.matmul(attn, value)
    return context, attn


class PositionwiseFeedForward(nn.Module):
    """ A two-layer Feed-Forward-Network with residual layer norm. """

    def __init__(self, size, hidden_size):
        super(PositionwiseFeedForward, self).__init__()
        self.w_1 = nn.Linear(size, hidden_size)
        self.w_2 = nn.Linear(hidden_size, size)
        self.layer_norm = nn.LayerNorm(size)
        self.relu = nn.ReLU()

    def forward(self, x):
        inter = self.relu(self.w_1(self.layer_norm(x)))
        output = self.w_2(inter)
        return output + x


class MultiHeadedAttention(nn.Module):

    def __init__(self, head_count, model_dim):
        super(MultiHeadedAttention, self).__init__()
        self.head_count = head_count
        self.dim_per_head = model_dim // head_count
        self.linear_keys = nn.Linear(model_dim, head_count * self.dim_per_head)
        self.linear_values = nn.Linear(model_dim, head_count * self.dim_per_head)
        self.linear_query = nn.Linear(model_dim, head_count * self.dim_per_head)
        self.final_linear = nn.Linear(model_dim, model_dim)

    def forward(self, inputs):
        batch_size = inputs.size(0)
        head_count = self.head_count
        dim_per_head = self.dim_per_head

        def shape(x):
            return x.view(batch_size, -1, head_count, dim_per_head).transpose(1, 2)

        def unshape(x):
            return x.transpose(1, 2).contiguous() \
                    .view(batch_size, -1, head_count * dim_per_head)

        key_up = shape(self.linear_keys(inputs))
        value_up = shape(self.linear_values(inputs))
        query_up = shape(self.linear_query(inputs))
        context, _ = causal_attention(query_up, key_up, value_up)
        output = self.final_linear(unshape(context))
        return output


class TransformerDecoderLayer(nn.Module):

    def __init__(self, size, head_count):
        super(TransformerDecoderLayer, self).__init__()
        self.self_attn = MultiHeadedAttention(head_count, size)
        self.feed_forward = PositionwiseFeedForward(size, 4 * size)
        self.layer_norm_1 = nn.LayerNorm(size)

    def forward(self, inputs):
        input_norm = self.layer_norm_1(inputs)
        query = self.self_attn(input_norm)
        query = query + inputs
        output = self.feed_forward(query)
        return output


class MiniGPT(nn.Module):

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super(MiniGPT, self).__init__()
        if n_embd % n_head != 0:
            raise ValueError('model_dim %d is not divisible by head_count %d' % (n_embd, n_head))
        self.config = {'vocab_size': vocab_size, 'n_embd': n_embd, 'n_head': n_head,
                       'n_layer': n_layer, 'block_size': block_size}
        self.word_lut = nn.Embedding(vocab_size, n_embd)
        self.position_lut = nn.Embedding(block_size, n_embd)
        self.num_layers = n_layer
        self.transformer_layers = nn.ModuleList(
            [TransformerDecoderLayer(n_embd, n_head) for _ in range(n_layer)])
        self.layer_norm = nn.LayerNorm(n_embd)
        self.generator = nn.Linear(n_embd, vocab_size)

    def forward(self, tgt):
        tgt_batch, tgt_len = tgt.size()
        if tgt_len > self.config['block_size']:
            raise ValueError('%d words, at most %d' % (tgt_len, self.config['block_size']))
        steps = torch.arange(0, tgt_len, dtype=torch.long)
        steps = steps.unsqueeze(0).expand(tgt_batch, tgt_len)
        emb = self.word_lut(tgt) + self.position_lut(steps)
        output = emb
        for i in range(self.num_layers):
            output = self.transformer_layers[i](output)
        output = self.layer_norm(output)
        return self.generator(output)
