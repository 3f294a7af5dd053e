# The class tree of HF's modeling_bert.py, copied from memory: post-norm, norm in the embeddings.
import math

import torch
from torch import nn


def causal_attention(q, k, v):
    seq_length = q.size(-2)

    # Take the dot product between "query" and "key" to get the raw attention scores.
    attention_scores = torch.matmul(q, k.transpose(-1, -2))
    attention_scores = attention_scores / math.sqrt(q.size(-1))

    # 1.0 for positions we want to attend and 0.0 for masked positions
    attention_mask = torch.ones(seq_length, seq_length, device=q.device).tril()
    extended_attention_mask = attention_mask[None, None, :, :]
    extended_attention_mask = (1.0 - extended_attention_mask) * torch.finfo(q.dtype).min
    attention_scores = attention_scores + extended_attention_mask

    # Normalize the attention scores to probabilities.
    attention_probs = nn.functional.softmax(attention_scores, dim=-1)
    context_layer = torch.matmul(attention_probs, v)
    return context_layer, attention_probs


class BertEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.word_embeddings = nn.Embedding(config["vocab_size"], config["n_embd"])
        self.position_embeddings = nn.Embedding(config["block_size"], config["n_embd"])
        self.LayerNorm = nn.LayerNorm(config["n_embd"])
        self.register_buffer(
            "position_ids", torch.arange(config["block_size"]).expand((1, -1)), persistent=False
        )

    def forward(self, input_ids):
        seq_length = input_ids.size(1)
        position_ids = self.position_ids[:, :seq_length]
        inputs_embeds = self.word_embeddings(input_ids)
        position_embeds = self.position_embeddings(position_ids)
        return self.LayerNorm(inputs_embeds + position_embeds)


class BertSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        if config["n_embd"] % config["n_head"] != 0:
            raise ValueError(
                f"The hidden size ({config['n_embd']}) is not a multiple of the number of attention "
                f"heads ({config['n_head']})"
            )
        self.num_attention_heads = config["n_head"]
        self.attention_head_size = config["n_embd"] // config["n_head"]
        self.all_head_size = self.num_attention_heads * self.attention_head_size

        self.query = nn.Linear(config["n_embd"], self.all_head_size)
        self.key = nn.Linear(config["n_embd"], self.all_head_size)
        self.value = nn.Linear(config["n_embd"], self.all_head_size)

    def transpose_for_scores(self, x):
        new_x_shape = x.size()[:-1] + (self.num_attention_heads, self.attention_head_size)
        x = x.view(new_x_shape)
        return x.permute(0, 2, 1, 3)

    def forward(self, hidden_states):
        query_layer = self.transpose_for_scores(self.query(hidden_states))
        key_layer = self.transpose_for_scores(self.key(hidden_states))
        value_layer = self.transpose_for_scores(self.value(hidden_states))

        context_layer, _ = causal_attention(query_layer, key_layer, value_layer)

        context_layer = context_layer.permute(0, 2, 1, 3).contiguous()
        new_context_layer_shape = context_layer.size()[:-2] + (self.all_head_size,)
        return context_layer.view(new_context_layer_shape)


class BertOutput(nn.Module):
    def __init__(self, in_features, n_embd):
        super().__init__()
        self.dense = nn.Linear(in_features, n_embd)
        self.LayerNorm = nn.LayerNorm(n_embd)

    def forward(self, hidden_states, input_tensor):
        hidden_states = self.dense(hidden_states)
        hidden_states = self.LayerNorm(hidden_states + input_tensor)
        return hidden_states


class BertLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        n_embd = config["n_embd"]
        self.self = BertSelfAttention(config)
        self.self_output = BertOutput(n_embd, n_embd)
        self.intermediate = nn.Linear(n_embd, 4 * n_embd)
        self.intermediate_act_fn = nn.GELU()
        self.output = BertOutput(4 * n_embd, n_embd)

    def forward(self, hidden_states):
        self_outputs = self.self(hidden_states)
        attention_output = self.self_output(self_outputs, hidden_states)
        intermediate_output = self.intermediate_act_fn(self.intermediate(attention_output))
        layer_output = self.output(intermediate_output, attention_output)
        return layer_output


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.embeddings = BertEmbeddings(self.config)
        self.layer = nn.ModuleList([BertLayer(self.config) for _ in range(n_layer)])
        self.decoder = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        if ids.size(1) > self.config["block_size"]:
            raise ValueError("Input is longer than max_position_embeddings")
        hidden_states = self.embeddings(ids)
        for layer_module in self.layer:
            hidden_states = layer_module(hidden_states)
        prediction_scores = self.decoder(hidden_states)
        return prediction_scores
