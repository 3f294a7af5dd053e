# fairseq, 2019: time first (T x B x C), one in_proj_weight, heads folded into the batch, bmm
import torch
import torch.nn as nn
import torch.nn.functional as F


def fill_with_neg_inf(t):
    return t.float().fill_(float('-inf')).type_as(t)


def buffered_future_mask(tensor):
    dim = tensor.size(-2)
    return torch.triu(fill_with_neg_inf(tensor.new(dim, dim)), 1)


def causal_attention(q, k, v):
    bsz, num_heads, tgt_len, head_dim = q.size()
    scaling = head_dim ** -0.5
    self_attn_mask = buffered_future_mask(q)

    q = q * scaling
    q = q.reshape(bsz * num_heads, tgt_len, head_dim)
    k = k.reshape(bsz * num_heads, tgt_len, head_dim)
    v = v.reshape(bsz * num_heads, tgt_len, head_dim)

    attn_weights = torch.bmm(q, k.transpose(1, 2))
    attn_weights = attn_weights + self_attn_mask.unsqueeze(0)
    attn_weights = F.softmax(attn_weights.float(), dim=-1).type_as(attn_weights)
    attn = torch.bmm(attn_weights, v)
    attn_weights = attn_weights.view(bsz, num_heads, tgt_len, tgt_len)
    return attn.view(bsz, num_heads, tgt_len, head_dim), attn_weights


class MultiheadAttention(nn.Module):
    """Multi-headed attention. Input shape: Time x Batch x Channel"""

    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.in_proj_weight = nn.Parameter(torch.Tensor(3 * embed_dim, embed_dim))
        self.in_proj_bias = nn.Parameter(torch.Tensor(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.constant_(self.in_proj_bias, 0.)
        nn.init.constant_(self.out_proj.bias, 0.)

    def forward(self, query):
        tgt_len, bsz, embed_dim = query.size()
        q = self.in_proj_q(query)
        k = self.in_proj_k(query)
        v = self.in_proj_v(query)
        q, k, v = (
            t.view(tgt_len, bsz, self.num_heads, self.head_dim).permute(1, 2, 0, 3)
            for t in (q, k, v))
        attn, _ = causal_attention(q, k, v)
        attn = attn.permute(2, 0, 1, 3).reshape(tgt_len, bsz, embed_dim)
        return self.out_proj(attn)

    def in_proj_q(self, query):
        return self._in_proj(query, end=self.embed_dim)

    def in_proj_k(self, key):
        return self._in_proj(key, start=self.embed_dim, end=2 * self.embed_dim)

    def in_proj_v(self, value):
        return self._in_proj(value, start=2 * self.embed_dim)

    def _in_proj(self, input, start=0, end=None):
        weight = self.in_proj_weight[start:end, :]
        bias = self.in_proj_bias[start:end]
        return F.linear(input, weight, bias)


class TransformerDecoderLayer(nn.Module):
    def __init__(self, embed_dim, ffn_embed_dim, attention_heads):
        super().__init__()
        self.self_attn = MultiheadAttention(embed_dim, attention_heads)
        self.self_attn_layer_norm = nn.LayerNorm(embed_dim)
        self.fc1 = nn.Linear(embed_dim, ffn_embed_dim)
        self.fc2 = nn.Linear(ffn_embed_dim, embed_dim)
        self.final_layer_norm = nn.LayerNorm(embed_dim)

    def forward(self, x):
        residual = x
        x = self.self_attn_layer_norm(x)
        x = self.self_attn(query=x)
        x = residual + x

        residual = x
        x = self.final_layer_norm(x)
        x = self.fc2(F.relu(self.fc1(x)))
        return residual + x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError('embed_dim must be divisible by num_heads')
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head,
                           n_layer=n_layer, block_size=block_size)
        self.max_target_positions = block_size
        self.embed_tokens = nn.Embedding(vocab_size, n_embd)
        self.embed_positions = nn.Embedding(block_size, n_embd)
        self.layers = nn.ModuleList([])
        self.layers.extend([
            TransformerDecoderLayer(n_embd, 4 * n_embd, n_head) for _ in range(n_layer)])
        self.layer_norm = nn.LayerNorm(n_embd)
        self.output_projection = nn.Linear(n_embd, vocab_size)

    def forward(self, prev_output_tokens):
        seqlen = prev_output_tokens.size(1)
        if seqlen > self.max_target_positions:
            raise ValueError('sequence is longer than max_target_positions')
        positions = torch.arange(seqlen, device=prev_output_tokens.device)
        x = self.embed_tokens(prev_output_tokens) + self.embed_positions(positions)

        # B x T x C -> T x B x C
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        x = self.layer_norm(x)

        # T x B x C -> B x T x C
        x = x.transpose(0, 1)
        return self.output_projection(x)
