# Style: fast.ai, a small loop that calls callbacks by name, dense lines, short names.
import torch
import torch.nn.functional as F


class Cb:
    order = 0
    def before_gen(self, g): pass
    def before_step(self, g): pass
    def after_pred(self, g): pass
    def after_step(self, g): pass
    def after_gen(self, g): pass


class EvalCb(Cb):
    def before_gen(self, g): self.was, _ = g.model.training, g.model.eval()
    def after_gen(self, g): g.model.train(self.was)


class CropCb(Cb):
    def before_step(self, g): g.xb = g.ids[:, -g.model.config["block_size"]:]


class TopKCb(Cb):
    order = 1
    def __init__(self, k):
        if k < 1: raise ValueError(f"top_k has to be 1 or more, not {k}")
        self.k = k
    def after_pred(self, g):
        v, i = g.lg.topk(min(self.k, g.lg.shape[-1]), dim=-1)
        g.lg = torch.full_like(g.lg, -float("inf")).scatter(-1, i, v)


class TempCb(Cb):
    order = 2
    def __init__(self, t):
        if not t >= 0: raise ValueError(f"temperature has to be 0 or more, not {t}")
        self.t = t
    def after_pred(self, g):
        if self.t > 0: g.lg = g.lg.div(self.t)


class PickCb(Cb):
    order = 3
    def __init__(self, t, gen): self.greedy, self.gen = t == 0, gen
    def after_pred(self, g):
        if self.greedy: g.nxt = g.lg.argmax(-1, keepdim=True)
        else: g.nxt = F.softmax(g.lg, -1).multinomial(1, generator=self.gen)


class CatCb(Cb):
    def after_step(self, g): g.ids = torch.hstack([g.ids, g.nxt])


class Gen:
    def __init__(self, model, cbs): self.model, self.cbs = model, sorted(cbs, key=lambda c: c.order)
    def __call__(self, name):
        for cb in self.cbs: getattr(cb, name)(self)
    @torch.no_grad()
    def run(self, ids, n):
        self.ids = ids.clone()
        self("before_gen")
        try:
            for _ in range(n):
                self("before_step")
                self.lg = self.model(self.xb).select(1, -1)
                self("after_pred")
                self("after_step")
        finally: self("after_gen")
        return self.ids


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    cbs = [EvalCb(), CropCb(), TempCb(temperature), PickCb(temperature, generator), CatCb()]
    if top_k is not None: cbs.append(TopKCb(top_k))
    return Gen(model, cbs).run(ids, max_new_tokens)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    x = torch.tensor(tokenizer.encode(prompt))[None]
    dec = lambda t: tokenizer.decode(t[0].tolist())
    n0, last = len(dec(x).split()), x.shape[1] + 30 * n_words
    done = lambda s: len(s.split()) - n0 >= n_words and s[-1:].isspace()
    while x.shape[1] < last and not done(dec(x)):
        x = generate(model, x, 1, temperature, generator=generator)
    return dec(x)
