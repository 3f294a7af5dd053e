import sys
import torch
import matplotlib.figure


def record_attention(model, ids):
    name = model.__class__.__module__
    module = sys.modules[name]
    try:
        real_function = module.causal_attention
    except AttributeError:
        raise ValueError("I can not find causal_attention in " + name)

    my_list = []

    def listen(*args, **kwargs):
        output, weights = real_function(*args, **kwargs)
        copy = weights[0].detach().clone().cpu()
        my_list.append(copy)
        return output, weights

    mode = model.training
    model.eval()
    module.causal_attention = listen
    try:
        with torch.no_grad():
            model(ids)
    finally:
        module.causal_attention = real_function
        model.train(mode)
    if my_list == []:
        raise ValueError("the model did not call causal_attention")
    return my_list


def strongest(weights, tokens, place, n=3):
    if len(tokens) != len(weights):
        raise ValueError("wrong number of tokens")
    if place < 0:
        raise ValueError("place is negative")
    if place >= len(tokens):
        raise ValueError("place is too large")
    if n < 1:
        raise ValueError("n is too small")
    used = []
    result = []
    while len(result) < n and len(result) < place + 1:
        best = None
        for i in range(place + 1):
            if i in used:
                continue
            if best is None or weights[place][i] > weights[place][best]:
                best = i
        used.append(best)
        result.append((best, tokens[best], float(weights[place][best])))
    return result


def attention_figure(weights, tokens):
    for layer in weights:
        for head in layer:
            if len(head) != len(tokens):
                raise ValueError("there must be " + str(len(head)) + " tokens")
    number_of_layers = len(weights)
    number_of_heads = len(weights[0])
    fig = matplotlib.figure.Figure(figsize=(number_of_heads * 3, number_of_layers * 3))
    number = 1
    for l in range(number_of_layers):
        for h in range(number_of_heads):
            ax = fig.add_subplot(number_of_layers, number_of_heads, number)
            picture = weights[l][h].tolist()
            image = ax.imshow(picture, vmin=0, vmax=1)
            ax.set_title("layer " + str(l + 1) + ", head " + str(h + 1))
            ax.set_xticks(list(range(len(tokens))))
            ax.set_yticks(list(range(len(tokens))))
            ax.set_xticklabels(tokens)
            ax.set_yticklabels(tokens)
            number = number + 1
    return fig
