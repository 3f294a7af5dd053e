import torch
import math

# my cache: for every layer a list with one key per token, and one with one value per token

class KVCache:
    def __init__(self, model):
        self.keys = []
        self.values = []
        for layer in range(model.config["n_layer"]):
            self.keys.append([])
            self.values.append([])
        self.length = 0


def attention_for_one_token(q, keys, values, n_head):
    # q is (B, C), keys is a list of (B, C)
    C = q.shape[1]
    size = C // n_head
    outputs = []
    for head in range(n_head):
        begin = head * size
        end = begin + size
        scores = []
        for key in keys:
            score = (q[:, begin:end] * key[:, begin:end]).sum(dim=1)
            score = score / math.sqrt(size)
            scores.append(score)
        scores = torch.stack(scores, dim=1)        # (B, number of tokens)
        weights = torch.softmax(scores, dim=1)
        result = 0
        for number in range(len(values)):
            weight = weights[:, number].unsqueeze(1)
            result = result + weight * values[number][:, begin:end]
        outputs.append(result)
    return torch.cat(outputs, dim=1)


def one_token(model, id, cache):
    # id is (B,)
    position = torch.tensor([cache.length], device=id.device)
    x = model.token_embedding(id.unsqueeze(1)) + model.position_embedding(position)
    C = x.shape[2]
    for layer in range(len(model.blocks)):
        block = model.blocks[layer]
        qkv = block.attention.qkv(block.norm_1(x))
        q = qkv[:, 0, 0:C]
        k = qkv[:, 0, C:2*C]
        v = qkv[:, 0, 2*C:3*C]
        cache.keys[layer].append(k)
        cache.values[layer].append(v)
        found = attention_for_one_token(q, cache.keys[layer], cache.values[layer], model.config["n_head"])
        x = x + block.attention.output(found.unsqueeze(1))
        x = x + block.mlp(block.norm_2(x))
    cache.length = cache.length + 1
    return model.head(model.norm(x))


def forward_with_cache(model, ids, cache):
    if cache.length + ids.shape[1] > model.config["block_size"]:
        raise ValueError("too many tokens: the model can look at " + str(model.config["block_size"]))
    all_logits = []
    with torch.no_grad():
        for t in range(ids.shape[1]):
            logits = one_token(model, ids[:, t], cache)
            all_logits.append(logits)
    return torch.cat(all_logits, dim=1)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if temperature != temperature or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k must be 1 or more")
    block_size = model.config["block_size"]
    training_before = model.training
    model.eval()
    try:
        cache = KVCache(model)
        text = ids.clone()
        logits = None
        for n in range(max_new_tokens):
            if text.shape[1] > block_size:
                with torch.no_grad():
                    logits = model(text[:, -block_size:])
            else:
                while cache.length < text.shape[1]:
                    place = cache.length
                    logits = forward_with_cache(model, text[:, place:place + 1], cache)
            scores = logits[0, -1]
            if temperature == 0:
                best = torch.argmax(scores)
            else:
                if top_k is not None and top_k < len(scores):
                    order = torch.argsort(scores, descending=True)
                    for id in order[top_k:]:
                        scores[id] = -math.inf
                chances = torch.softmax(scores / temperature, dim=0)
                best = torch.multinomial(chances, 1, generator=generator)
            text = torch.cat([text, best.reshape(1, 1)], dim=1)
    finally:
        model.train(training_before)
    return text
