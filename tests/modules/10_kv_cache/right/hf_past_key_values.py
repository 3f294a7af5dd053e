"""In the manner of Hugging Face: past_key_values, position_ids, an additive attention_mask."""
import torch
from torch import nn


class KVCache:
    def __init__(self, model):
        self.config = model.config
        self.past_key_values = None

    def get_seq_length(self):
        if self.past_key_values is None:
            return 0
        return self.past_key_values[0][0].size(-2)

    @property
    def length(self):
        return self.get_seq_length()


def _make_causal_mask(query_length, past_key_values_length, dtype, device):
    mask = torch.full((query_length, query_length), torch.finfo(dtype).min, device=device, dtype=dtype)
    mask_cond = torch.arange(mask.size(-1), device=device)
    mask.masked_fill_(mask_cond < (mask_cond + 1).view(mask.size(-1), 1), 0)
    if past_key_values_length > 0:
        zeros = torch.zeros(query_length, past_key_values_length, dtype=dtype, device=device)
        mask = torch.cat([zeros, mask], dim=-1)
    return mask[None, None, :, :]


def _split_heads(tensor, num_heads, attn_head_size):
    new_shape = tensor.size()[:-1] + (num_heads, attn_head_size)
    return tensor.view(new_shape).permute(0, 2, 1, 3)


def _attn_forward(attn, hidden_states, layer_past, attention_mask, num_heads):
    embed_dim = hidden_states.size(-1)
    head_dim = embed_dim // num_heads
    query, key, value = attn.qkv(hidden_states).split(embed_dim, dim=2)
    query = _split_heads(query, num_heads, head_dim)
    key = _split_heads(key, num_heads, head_dim)
    value = _split_heads(value, num_heads, head_dim)
    if layer_past is not None:
        past_key, past_value = layer_past
        key = torch.cat((past_key, key), dim=-2)
        value = torch.cat((past_value, value), dim=-2)
    present = (key, value)
    attn_weights = torch.matmul(query, key.transpose(-1, -2)) / (head_dim**0.5)
    attn_weights = attn_weights + attention_mask
    attn_weights = nn.functional.softmax(attn_weights, dim=-1)
    attn_output = torch.matmul(attn_weights, value).permute(0, 2, 1, 3).contiguous()
    attn_output = attn_output.view(attn_output.size()[:-2] + (embed_dim,))
    return attn.output(attn_output), present


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    past_length = cache.get_seq_length()
    query_length = ids.size(-1)
    if past_length + query_length > model.config["block_size"]:
        raise ValueError(f"Requested {past_length + query_length} positions, max is {model.config['block_size']}")
    past_key_values = cache.past_key_values or tuple([None] * len(model.blocks))
    position_ids = torch.arange(past_length, query_length + past_length, dtype=torch.long, device=ids.device)
    hidden_states = model.token_embedding(ids) + model.position_embedding(position_ids.unsqueeze(0))
    attention_mask = _make_causal_mask(query_length, past_length, hidden_states.dtype, ids.device)
    presents = ()
    for block, layer_past in zip(model.blocks, past_key_values):
        residual = hidden_states
        attn_output, present = _attn_forward(
            block.attention, block.norm_1(hidden_states), layer_past, attention_mask, model.config["n_head"]
        )
        hidden_states = attn_output + residual
        residual = hidden_states
        hidden_states = residual + block.mlp(block.norm_2(hidden_states))
        presents = presents + (present,)
    hidden_states = model.norm(hidden_states)
    cache.past_key_values = presents
    return model.head(hidden_states)


def prepare_inputs_for_generation(input_ids, cache, block_size):
    if input_ids.size(1) > block_size:
        return input_ids[:, -block_size:], KVCache.__new__(KVCache)
    return input_ids[:, cache.get_seq_length() :], cache


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not (temperature >= 0.0):
        raise ValueError(f"`temperature` has to be a non-negative float, but is {temperature}")
    if top_k is not None and (not isinstance(top_k, int) or top_k <= 0):
        raise ValueError(f"`top_k` has to be a strictly positive integer, but is {top_k}")
    do_sample = temperature > 0
    is_training = model.training
    model.eval()
    try:
        input_ids, cache = ids, KVCache(model)
        while input_ids.size(1) < ids.size(1) + max_new_tokens:
            model_inputs, past = prepare_inputs_for_generation(input_ids, cache, model.config["block_size"])
            if past is not cache:
                past.past_key_values = None
            next_token_logits = forward_with_cache(model, model_inputs, past)[:, -1, :]
            if do_sample:
                next_token_scores = next_token_logits / temperature
                if top_k is not None:
                    k = min(top_k, next_token_scores.size(-1))
                    indices_to_remove = next_token_scores < torch.topk(next_token_scores, k)[0][..., -1, None]
                    next_token_scores = next_token_scores.masked_fill(indices_to_remove, -float("Inf"))
                probs = nn.functional.softmax(next_token_scores, dim=-1)
                next_tokens = torch.multinomial(probs, num_samples=1, generator=generator).squeeze(1)
            else:
                next_tokens = torch.argmax(next_token_logits, dim=-1)
            input_ids = torch.cat([input_ids, next_tokens[:, None]], dim=-1)
    finally:
        model.train(is_training)
    return input_ids
