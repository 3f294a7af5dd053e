# style: typed along with Karpathy's video "Let's reproduce GPT-2", then wrapped into functions
import torch
from torch.nn import functional as F

# -----------------------------------------------------------------------------

def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    assert ids.dim() == 2, "need (B, T)"
    if not temperature >= 0: # this also refuses NaN
        raise ValueError(f"bad temperature {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"bad top_k {top_k}")

    was_training = model.training
    model.eval()
    max_length = ids.size(1) + max_new_tokens
    xgen = ids
    while xgen.size(1) < max_length:
        # forward the model to get the logits
        with torch.no_grad():
            xcond = xgen[:, -model.config['block_size']:]
            logits = model(xcond) # (B, T, vocab_size)
            # take the logits at the last position
            logits = logits[:, -1, :] # (B, vocab_size)
            if temperature == 0:
                xcol = torch.argmax(logits, dim=-1, keepdim=True) # (B, 1)
            else:
                # get the probabilities
                probs = F.softmax(logits / temperature, dim=-1)
                # do top-k sampling, topk_probs here becomes (B, k), topk_indices is (B, k)
                k = probs.size(-1) if top_k is None else min(top_k, probs.size(-1))
                topk_probs, topk_indices = torch.topk(probs, k, dim=-1)
                # select a token from the top-k probabilities
                # note: multinomial does not demand the input to sum to 1
                ix = torch.multinomial(topk_probs, 1, generator=generator) # (B, 1)
                # gather the corresponding indices
                xcol = torch.gather(topk_indices, -1, ix) # (B, 1)
            # append to the sequence
            xgen = torch.cat((xgen, xcol), dim=1)
    model.train(was_training)
    return xgen

# -----------------------------------------------------------------------------

def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    tokens = tokenizer.encode(prompt)
    start = len(tokenizer.decode(tokens).split())
    x = torch.tensor(tokens, dtype=torch.long).unsqueeze(0) # (1, T)
    max_chars = 30 * n_words # the model may never say a space
    while max_chars > 0:
        x = generate(model, x, 1, temperature, generator=generator)
        decoded = tokenizer.decode(x[0].tolist())
        if len(decoded.split()) >= start + n_words and decoded[-1].isspace():
            break
        max_chars -= 1
    # print the generated text
    return tokenizer.decode(x[0, :].tolist())
