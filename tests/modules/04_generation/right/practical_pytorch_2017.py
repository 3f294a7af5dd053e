# the char-rnn tutorial of practical-pytorch (2017): output_dist, .div(temperature).exp(), prime_str
import torch

MAX_WORD_LEN = 30


def sample(output, temperature, top_k, generator):
    """Pick one char from the network's output as a multinomial distribution"""
    output = output.view(-1)
    if temperature == 0:
        top_v, top_i = output.topk(1)
        return top_i

    # Subtract the max first, exp() overflows for small temperatures
    output_dist = output.sub(output.max()).div(temperature).exp()
    if top_k is not None:
        keep = torch.zeros_like(output_dist)
        keep[output_dist.topk(min(top_k, keep.numel()))[1]] = 1
        output_dist = output_dist.mul(keep)
    top_i = torch.multinomial(output_dist, 1, generator=generator)
    return top_i


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError('temperature must be >= 0, not %s' % temperature)
    if top_k is not None and top_k < 1:
        raise ValueError('top_k must be >= 1, not %d' % top_k)

    training = model.training
    model.eval()
    inp = ids.clone()

    with torch.no_grad():
        for p in range(max_new_tokens):
            context = inp[:, -model.config['block_size']:]
            output = model(context)[:, -1]
            top_i = sample(output, temperature, top_k, generator)
            # Add predicted character to string and use as next input
            inp = torch.cat((inp, top_i.view(1, 1)), 1)

    model.train(training)
    return inp


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    prime_input = torch.LongTensor(tokenizer.encode(prompt)).unsqueeze(0)
    prime_str = tokenizer.decode(prime_input[0].tolist())
    words_wanted = len(prime_str.split()) + n_words

    inp = prime_input
    predicted = prime_str
    for p in range(MAX_WORD_LEN * n_words):
        inp = generate(model, inp, 1, temperature, generator=generator)
        predicted = tokenizer.decode(inp[0].tolist())
        if predicted[-1].isspace() and len(predicted.split()) >= words_wanted:
            break
    return predicted
