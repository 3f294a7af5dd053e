# Style: nanoGPT's train.py from memory (ix / X, Y, weight decay groups, grad clip, model_args, _orig_mod prefix).
import os

import torch
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# adamw optimizer
weight_decay = 1e-2
beta1 = 0.9
beta2 = 0.99
grad_clip = 1.0 # clip gradients at this value

def get_batch(ids, batch_size, block_size, generator):
    data = torch.as_tensor(ids, dtype=torch.long)
    if len(data) < block_size + 1:
        raise ValueError(f"need {block_size + 1} tokens, have {len(data)}")
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=generator)
    x = torch.stack([data[i:i+block_size] for i in ix])
    y = torch.stack([data[i+1:i+1+block_size] for i in ix])
    return x, y

def configure_optimizers(model, learning_rate):
    # start with all of the candidate parameters
    param_dict = {pn: p for pn, p in model.named_parameters() if p.requires_grad}
    # any parameters that is 2D will be weight decayed, otherwise no
    decay_params = [p for n, p in param_dict.items() if p.dim() >= 2]
    nodecay_params = [p for n, p in param_dict.items() if p.dim() < 2]
    optim_groups = [
        {'params': decay_params, 'weight_decay': weight_decay},
        {'params': nodecay_params, 'weight_decay': 0.0},
    ]
    return torch.optim.AdamW(optim_groups, lr=learning_rate, betas=(beta1, beta2))

def forward_loss(model, X, Y):
    logits = model(X)
    loss = F.cross_entropy(logits.view(-1, logits.size(-1)), Y.view(-1))
    return logits, loss

def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be >= 1")
    g = torch.Generator()
    g.manual_seed(1337 + seed)
    optimizer = configure_optimizers(model, learning_rate)
    was_training = model.training
    model.train()

    # training loop
    lossi = []
    iter_num = 0
    while True:
        X, Y = get_batch(ids, batch_size, block_size, g)
        logits, loss = forward_loss(model, X, Y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if grad_clip != 0.0:
            torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
        optimizer.step()
        # timing and logging
        iter_num += 1
        lossf = loss.item()
        lossi.append(lossf)
        if on_step is not None:
            on_step(iter_num, lossf)
        # termination conditions
        if iter_num >= steps:
            break

    model.train(was_training)
    return lossi

def save_checkpoint(path, model, tokenizer):
    checkpoint = {
        'model': model.state_dict(),
        'model_args': model.config,
        'vocab': tokenizer.vocab,
    }
    tmp = os.fspath(path) + '.tmp'
    try:
        torch.save(checkpoint, tmp)
        os.replace(tmp, path)
    except:
        if os.path.exists(tmp):
            os.remove(tmp)
        raise

def load_checkpoint(path):
    checkpoint = torch.load(path, map_location='cpu', weights_only=True)
    # create the model
    model = MiniGPT(**checkpoint['model_args'])
    state_dict = checkpoint['model']
    # fix the keys of the state dictionary :(
    unwanted_prefix = '_orig_mod.'
    for k, v in list(state_dict.items()):
        if k.startswith(unwanted_prefix):
            state_dict[k[len(unwanted_prefix):]] = state_dict.pop(k)
    model.load_state_dict(state_dict)
    model.eval()
    itos = checkpoint['vocab']
    enc = CharTokenizer(''.join(itos[3:]))
    return model, enc
