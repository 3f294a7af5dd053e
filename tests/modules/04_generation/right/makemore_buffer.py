# Style: Karpathy's makemore lectures, a buffer made in advance, counts and P, a context manager.
import torch
from contextlib import contextmanager

@contextmanager
def evaluating(model):
    # flip to eval for the duration, put everything back no matter what happens
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield model.config['block_size']
    finally:
        model.train(training)

def distribution(logits, temperature, top_k):
    # logits (1, V) -> P (1, V), rows sum to one
    V = logits.shape[1]
    if temperature == 0:
        return torch.eye(V)[logits.argmax(dim=1)] # all the mass on a single character
    logits = logits / temperature
    if top_k is not None:
        kth = logits.kthvalue(V - min(top_k, V) + 1, dim=1, keepdim=True).values
        logits = torch.where(logits < kth, -torch.inf, logits)
    counts = (logits - logits.amax(dim=1, keepdim=True)).exp()
    P = counts / counts.sum(dim=1, keepdim=True)
    return P

def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not 0 <= temperature:
        raise ValueError('temperature has to be zero or more')
    if top_k is not None and top_k <= 0:
        raise ValueError('top_k has to be one or more')
    B, T = ids.shape
    out = ids.new_zeros((B, T + max_new_tokens))
    out[:, :T] = ids
    with evaluating(model) as block_size:
        for t in range(T, T + max_new_tokens):
            context = out[:, max(t - block_size, 0):t] # at most block_size characters
            logits = model(context)
            P = distribution(logits[:, -1, :], temperature, top_k)
            ix = torch.multinomial(P, num_samples=1, replacement=True, generator=generator)
            out[:, t] = ix.squeeze(1)
    return out

def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ixs = tokenizer.encode(prompt)
    seen = tokenizer.decode(ixs)
    prev = seen[-1:] or ' '
    begun = 0 # new words so far, the last one may still be growing
    out = []
    while len(out) < 30 * n_words:
        x = torch.tensor(ixs).view(1, -1)
        ix = generate(model, x, 1, temperature, generator=generator)[0, -1].item()
        ch = tokenizer.decode([ix])
        ixs.append(ix)
        out.append(ch)
        if prev.isspace() and not ch.isspace():
            begun += 1
        if ch.isspace() and begun == n_words:
            break
        prev = ch
    return seen + ''.join(out)
