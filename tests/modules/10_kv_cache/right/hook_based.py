"""The keys and values are overheard: a hook on each qkv layer writes them down as they go by."""
import contextlib

import torch
import torch.nn.functional as F


class KVCache:
    def __init__(self, model):
        self.heard = {}
        self.number_of = {id(block.attention.qkv): n for n, block in enumerate(model.blocks)}

    @property
    def length(self):
        lengths = [t.shape[1] for t in self.heard.values()]
        return min(lengths) if len(lengths) == len(self.number_of) else 0

    def listen(self, qkv, inputs, output):
        n = self.number_of[id(qkv)]
        if n in self.heard:
            output = torch.cat([self.heard[n], output], dim=1)
        self.heard[n] = output.detach()


@contextlib.contextmanager
def listening(model, cache):
    hooks = [b.attention.qkv.register_forward_hook(cache.listen) for b in model.blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    (B, t), past = ids.shape, cache.length
    H, C = model.config["n_head"], model.config["n_embd"]
    if past + t > model.config["block_size"]:
        raise ValueError(f'block_size is {model.config["block_size"]}, got {past + t} tokens')
    places = past + torch.arange(t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)
    visible = torch.arange(past + t, device=ids.device) <= places[:, None]
    with listening(model, cache):
        for n, block in enumerate(model.blocks):
            block.attention.qkv(block.norm_1(x))
            q, k, v = (
                part.reshape(B, -1, H, C // H).transpose(1, 2)
                for part in cache.heard[n].split(C, dim=-1)
            )
            out = F.scaled_dot_product_attention(q[:, :, -t:], k, v, attn_mask=visible)
            x = x + block.attention.output(out.transpose(1, 2).flatten(2))
            x = x + block.mlp(block.norm_2(x))
    return model.head(model.norm(x))


class Proxy:
    """Looks like the model to `generate`."""

    def __init__(self, model):
        self.__dict__.update(model=model, cache=KVCache(model))

    def __getattr__(self, name):
        return getattr(self.model, name)

    def __call__(self, ids):
        new = ids[:, self.cache.length :]
        return forward_with_cache(self.model, new, self.cache) if new.numel() else self.model(ids)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    from mini_gpt import sampler

    before = model.training
    try:
        return sampler.generate(Proxy(model), ids, max_new_tokens, temperature, top_k, generator)
    finally:
        model.train(before)
