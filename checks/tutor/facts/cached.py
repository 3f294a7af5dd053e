"""The model of loop 2 as a cache must see it: by its formula, with the usual slips, and counted."""

import torch

from tutor.facts.stand_ins import seeded

FEWEST_IDS = 7
"""Every model of the check knows so many ids."""


@torch.no_grad()
def plain(model, ids):
    """Calculate everything at once, without a cache: what must come out."""
    return model(ids)


@torch.no_grad()
def calculate(model, ids, places=None, sees=None):
    """Calculate as loop 2's model does, but with other places, or another triangle, if given.

    Args:
        model: a MiniGPT.
        ids: (B, T).
        places: where each token stands, (T,).
        sees: which token (row) sees which (column), (T, T).
    """
    T, H = ids.shape[1], model.config["n_head"]
    places = torch.arange(T) if places is None else places
    sees = triangle(T) if sees is None else sees
    x = model.token_embedding(ids) + model.position_embedding(places)
    for block in model.blocks:
        three = block.attention.qkv(block.norm_1(x)).unflatten(-1, (3, H, -1))
        q, k, v = three.unbind(2)  # (B, T, H, D)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~sees, float("-inf")).softmax(-1)
        x = x + block.attention.output(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(2))
        x = x + block.mlp(block.norm_2(x))
    return model.head(model.norm(x))


def triangle(T):
    """Say which of T tokens sees which: itself and those before it, (T, T)."""
    return torch.arange(T) <= torch.arange(T)[:, None]


def slips(model, ids, old):
    """Calculate the outputs of the new tokens with each of the usual slips.

    Args:
        model: a MiniGPT.
        ids: the whole text, (B, T).
        old: how many tokens the cache holds before.

    Returns:
        From a likely cause to the outputs that it leads to.
    """
    T = ids.shape[1]
    t = T - old
    new = torch.arange(old, T)
    restarted = torch.cat([torch.arange(old), torch.arange(t)])
    alone, corner, no_mask = triangle(T), triangle(T), triangle(T)
    alone[old:, :old] = False
    corner[old:] = torch.arange(T) <= torch.arange(t)[:, None]
    no_mask[old:] = True
    swapped = triangle(T)
    # Row i of the new ones sees the first old + i + 1 keys, but these begin with the new ones.
    swapped[old:] = torch.cat([triangle(T)[old:, t:], triangle(T)[old:, :t]], dim=1)
    causes = {
        "the places of the new tokens are counted from 0 again": {"places": restarted},
        "the new tokens do not look at those in the cache": {"sees": alone},
        "places are counted from 0 again, and the cache is not looked at": {
            "places": restarted,
            "sees": alone,
        },
        "nothing is hidden: the new tokens see those behind them": {"sees": no_mask},
        "the triangle starts at the wrong corner: the first new token sees one token only": {
            "sees": corner
        },
        "the new keys stand before the old ones, so the triangle hides the wrong ones": {
            "sees": swapped
        },
    }
    return {c: calculate(model, ids, **slip)[:, new] for c, slip in causes.items()}


def first_slips(model, ids, end):
    """Calculate the first chunk's outputs without a triangle, the usual slip there."""
    nothing_hidden = torch.ones(end, end, dtype=torch.bool)
    cause = "nothing is hidden: the tokens see those behind them"
    return {cause: calculate(model, ids[:, :end], sees=nothing_hidden)}


def pencil_model(lab):
    """Make the model of the worked example: D = 1, and what a token finds is its first logit.

    Token i has the key ln i and the value 6 i, and every query is 1.
    """
    sizes = {"vocab_size": 4, "n_embd": 3, "n_head": 3, "n_layer": 1, "block_size": 4}
    model = lab.other("transformer").MiniGPT(**sizes).double().eval()
    block = model.blocks[0]
    block.norm_1 = torch.nn.Identity()
    model.norm = torch.nn.Identity()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        numbers = torch.tensor([1.0, 1, 2, 3], dtype=torch.float64)
        model.token_embedding.weight[:, 0] = numbers.log()
        model.token_embedding.weight[:, 1] = numbers
        block.attention.qkv.bias[:3] = 1.0  # the queries
        block.attention.qkv.weight[3, 0] = 1.0  # the key of the first head: ln i
        block.attention.qkv.weight[6, 1] = 6.0  # the value of the first head: 6 i
        block.attention.output.weight[2, 0] = 1.0
        model.head.weight[0, 2] = 1.0
    return model


class Counter:
    """Counts the tokens that go through the parts of a model.

    Args:
        model: a MiniGPT. Hooks listen at each block.
    """

    def __init__(self, model):
        self.tokens = {}
        for number, block in enumerate(model.blocks):
            for name in ("attention.qkv", "mlp"):
                self.tokens[f"blocks[{number}].{name}"] = 0
                block.get_submodule(name).register_forward_pre_hook(self.hook(number, name))

    def hook(self, number, name):
        """Make a hook that counts the tokens which come to one part."""

        def count(part, inputs):
            self.tokens[f"blocks[{number}].{name}"] += inputs[0].numel() // inputs[0].shape[-1]

        return count


@torch.no_grad()
def continued(model, ids, n):
    """Add the n best tokens, one after the other, without a cache."""
    for _ in range(n):
        best = model(ids[:, -model.config["block_size"] :])[:, -1].argmax(-1, keepdim=True)
        ids = torch.cat([ids, best], dim=1)
    return ids


def feed(lab, model, ids, chunks, cache=None):
    """Give a text to the model in chunks, and yield (start, end, logits) of each."""
    cache = lab.module.KVCache(model) if cache is None else cache
    end = 0
    for t in chunks:
        start, end = end, end + t
        lab.calls(
            f"forward_with_cache with {t} new token{'s' * (t > 1)} and {start} in the cache"
            if start
            else f"forward_with_cache with {t} token{'s' * (t > 1)} and an empty cache"
        )
        yield start, end, lab.module.forward_with_cache(model, ids[:, start:end], cache)


def random_ids(B, T, seed=2):
    """Make random ids that every model here knows, (B, T)."""
    return torch.randint(FEWEST_IDS, (B, T), generator=seeded(seed))
