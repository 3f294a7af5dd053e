# A data scientist's notebook: a Sampler with the settings, log-probabilities, a cumulative sum.
# %%
import math

import torch

NEG = -1e30


# %%
class Sampler:
    def __init__(self, temperature, top_k, generator):
        if math.isnan(temperature) or temperature < 0:
            raise ValueError(f"bad temperature {temperature}")
        if top_k is not None and top_k < 1:
            raise ValueError(f"bad top_k {top_k}")
        self.temperature = temperature
        self.top_k = top_k
        self.generator = generator

    def pick(self, last):
        if self.temperature == 0:
            return int(torch.argmax(last))
        logp = torch.log_softmax(last / self.temperature, dim=0)
        if self.top_k is not None:
            order = torch.argsort(logp, descending=True)
            logp[order[self.top_k :]] = NEG
        p = logp.exp()
        cdf = torch.cumsum(p, dim=0)
        u = torch.rand(1, generator=self.generator) * cdf[-1]
        choice = torch.searchsorted(cdf, u, right=True)
        return min(int(choice), len(p) - 1)


# %%
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    sampler = Sampler(temperature, top_k, generator)
    T_max = model.config["block_size"]
    seq = ids[0].tolist()
    mode = model.training
    model.train(False)
    for i in range(max_new_tokens):
        window = torch.tensor([seq[-T_max:]])
        with torch.no_grad():
            logits = model(window)
        last = logits[0, -1].float()
        seq.append(sampler.pick(last))
    model.train(mode)
    return torch.tensor([seq], dtype=torch.long)


# %%
def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    tokens = tokenizer.encode(prompt)
    out = tokenizer.decode(tokens)
    n_start = len(out.split())
    for i in range(30 * n_words):
        n_new = len(out.split()) - n_start
        if n_new >= n_words and out.endswith(" "):
            break
        X = torch.tensor([tokens], dtype=torch.long)
        X_next = generate(model, X, 1, temperature=temperature, generator=generator)
        tokens = X_next[0].tolist()
        out = tokenizer.decode(tokens)
    return out
