# SAMPLER - text generation with a fixed work array, in the manner of an old numerical code.
#
#   NLEN    number of ids in the prompt
#   NTOT    number of ids in the result
#   NPOS    number of ids that are known so far
#   IBEG    first id that the model is shown
#   WORK    the work array, (1, NTOT), allocated once and filled from left to right

import math

import torch

MAXCH = 30


def check_input(nlen, temperature, top_k):
    """Stop with a ValueError if an input is out of range."""
    if nlen < 1:
        raise ValueError("ids: at least one id is needed")
    if math.isnan(temperature) or temperature < 0.0:
        raise ValueError("temperature: must be 0 or above")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k: must be 1 or above")


def pick(row, temperature, top_k, generator):
    """Choose one id. row holds the scores of all ids, (V,). The result has the shape (1,)."""
    # no temperature: the maximum
    if temperature == 0.0:
        return torch.argmax(row).reshape(1)
    # all ids take part
    if top_k is None:
        prob = torch.softmax(row / temperature, dim=0)
        return torch.multinomial(prob, 1, generator=generator)
    # only the first K of the ordered table take part
    k = min(top_k, row.shape[0])
    val, idx = torch.topk(row, k)
    prob = torch.softmax(val / temperature, dim=0)
    j = torch.multinomial(prob, 1, generator=generator)
    return idx[j]


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # check the input
    nlen = ids.shape[1]
    check_input(nlen, temperature, top_k)

    # allocate the work array and copy the prompt to its front
    ntot = nlen + max_new_tokens
    nblk = model.config["block_size"]
    work = torch.zeros((1, ntot), dtype=torch.int64, device=ids.device)
    work[:, 0:nlen] = ids

    # save the switches
    ltrain = model.training
    lgrad = torch.is_grad_enabled()
    try:
        # set the switches
        model.eval()
        torch.set_grad_enabled(False)

        # main loop
        npos = nlen
        while npos < ntot:
            # the window ends at the last known id
            ibeg = max(0, npos - nblk)
            scores = model(work[:, ibeg:npos])  # PREDICT: what shape is this for a prompt of 5 ids?
            # scores after the last id
            row = scores[0, -1, :]
            # choose and store
            work[0, npos] = pick(row, temperature, top_k, generator)[0]
            npos = npos + 1
    finally:
        # restore the switches
        model.train(ltrain)
        torch.set_grad_enabled(lgrad)
    return work


def scan(text):
    """Go over the characters once. Returns the number of words, and whether the last one is open."""
    nword = 0
    inside = False
    for ch in text:
        if ch.isspace():
            inside = False
        else:
            if not inside:
                nword = nword + 1
            inside = True
    return nword, inside


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # the prompt as the tokenizer reads it
    codes = tokenizer.encode(prompt)
    text = tokenizer.decode(codes)
    nold, inside = scan(text)
    ntarget = nold + n_words

    # add characters up to the limit
    ids = torch.tensor([codes], dtype=torch.int64)
    nchar = 0
    maxchar = MAXCH * n_words
    while nchar < maxchar:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        nchar = nchar + 1
        text = tokenizer.decode(ids[0].tolist())
        nword, inside = scan(text)
        if nword >= ntarget and not inside:
            # finished: the space at the end is not part of the answer
            text = text[:-1]
            break
    return text
