# Style: fast.ai's Learner rebuilt from memory, with callbacks, events, one_batch and a flattened loss.
import os
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import optim

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

def get_batch(ids, batch_size, block_size, generator):
    last = len(ids) - (block_size+1)
    if last < 0: raise ValueError(f'{len(ids)} ids, but {block_size+1} are needed')
    starts = torch.randint(0, last+1, (batch_size,), generator=generator).tolist()
    seqs = torch.stack([ids[s : s+block_size+1] for s in starts])
    return seqs[:, :-1], seqs[:, 1:]

class CrossEntropyLossFlat:
    "Cross entropy on logits (bs, sl, vocab) and targets (bs, sl)"
    def __call__(self, inp, targ): return F.cross_entropy(inp.transpose(1, 2), targ)

class Callback:
    order = 0
    def before_fit(self, learn): pass
    def after_batch(self, learn): pass
    def after_fit(self, learn): pass

class TrainEvalCB(Callback):
    def before_fit(self, learn):
        self.was_training = learn.model.training
        learn.model.train()
    def after_fit(self, learn): learn.model.train(self.was_training)

class Recorder(Callback):
    order = 1
    def before_fit(self, learn): self.losses = []
    def after_batch(self, learn): self.losses.append(learn.loss.item())

class TellCB(Callback):
    order = 2
    def __init__(self, f): self.f = f
    def after_batch(self, learn): self.f(learn.iter + 1, learn.loss.item())

class Learner:
    def __init__(self, model, dl, loss_func=CrossEntropyLossFlat(), lr=6e-3, opt_func=optim.AdamW, cbs=()):
        self.model, self.dl, self.loss_func = model, dl, loss_func
        self.opt = opt_func(model.parameters(), lr=lr)
        self.cbs = sorted(cbs, key=lambda cb: cb.order)

    def __call__(self, event):
        for cb in self.cbs: getattr(cb, event)(self)

    def one_batch(self):
        self.pred = self.model(self.xb)
        self.loss = self.loss_func(self.pred, self.yb)
        self.opt.zero_grad()
        self.loss.backward()
        self.opt.step()

    def fit(self, n_iter):
        self('before_fit')
        try:
            for self.iter in range(n_iter):
                self.xb, self.yb = self.dl()
                self.one_batch()
                self('after_batch')
        finally: self('after_fit')

def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1: raise ValueError('steps must be positive')
    g = torch.Generator()
    g.manual_seed(seed)
    dl = partial(get_batch, ids, batch_size, block_size, g)
    rec, cbs = Recorder(), [TrainEvalCB()]
    if on_step is not None: cbs.append(TellCB(on_step))
    learn = Learner(model, dl, lr=learning_rate, cbs=cbs + [rec])
    learn.fit(steps)
    return rec.losses

def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    tmp = path.parent/(path.name + '.saving')
    try:
        with tmp.open('wb') as f:
            torch.save(dict(config=model.config, vocab=tokenizer.vocab, model=model.state_dict()), f)
        os.replace(tmp, path)
    finally: tmp.unlink(missing_ok=True)

def load_checkpoint(path):
    state = torch.load(Path(path), map_location='cpu', weights_only=True)
    model = MiniGPT(**state['config'])
    model.load_state_dict(state['model'])
    model.eval()
    return model, CharTokenizer(''.join(state['vocab'][3:]))
