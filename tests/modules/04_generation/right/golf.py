# style: a terse code golfer, one-letter names, lambdas, slices instead of keepdim, hardly a line too many
import torch as t

tops = lambda l, k: l if k is None else l.where(l >= l.topk(min(k, l.shape[1]))[0][:, -1:], t.tensor(-9e9))
warm = lambda l, T: (l / T).softmax(1)
pick = lambda l, T, k, g: l.argmax(1, True) if T == 0 else warm(tops(l, k), T).multinomial(1, generator=g)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0 or top_k is not None and top_k < 1:
        raise ValueError("temperature >= 0 and top_k >= 1, please")
    m, b, x, n = model.training, model.config["block_size"], ids, max_new_tokens
    model.eval()
    with t.no_grad():
        while n:
            l = model(x[:, -b:])[:, -1]
            x = t.cat((x, pick(l, temperature, top_k, generator)), 1)
            n -= 1
    model.train(m)
    return x


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    d, i = tokenizer.decode, tokenizer.encode(prompt)
    w = len(d(i).split()) + n_words
    for _ in range(30 * n_words):
        if len((d(i) + "x").split()) > w:
            break
        i += generate(model, t.tensor([i]), 1, temperature, None, generator)[0, -1:].tolist()
    return d(i)
