import os
import torch
import torch.nn.functional as F
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

def get_batch(ids, batch_size, block_size, generator):
    n = len(ids) - block_size
    if n < 1: raise ValueError('text too short')
    i = torch.randint(n, (batch_size, 1), generator=generator)
    w = torch.as_tensor(ids)[i + torch.arange(block_size + 1)].long()  # all windows at once, one id too wide
    return w[:, :-1], w[:, 1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1: raise ValueError('steps < 1')
    g = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), learning_rate)
    mode, L = model.training, []
    model.train()
    try:
        while len(L) < steps:
            x, y = get_batch(ids, batch_size, block_size, g)
            loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
            opt.zero_grad(); loss.backward(); opt.step()
            L += [loss.item()]
            if on_step: on_step(len(L), L[-1])
    finally: model.train(mode)
    return L

def save_checkpoint(path, model, tokenizer):
    tmp = f'{path}.{os.getpid()}.tmp'
    try:
        with open(tmp, 'wb') as f: torch.save(dict(config=model.config, vocab=tokenizer.vocab, model=model.state_dict()), f)
        os.replace(tmp, path)
    finally:
        if os.path.exists(tmp): os.unlink(tmp)

def load_checkpoint(path):
    c = torch.load(path, map_location='cpu', weights_only=True)
    m = MiniGPT(**c['config'])
    m.load_state_dict(c['model'])
    return m.eval(), CharTokenizer(''.join(c['vocab'][3:]))
