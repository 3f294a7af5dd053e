import sys

import torch
from matplotlib.figure import Figure


def record_attention(model, ids):
    """Record the attention weights of every layer."""
    module_name = type(model).__module__
    module = sys.modules[module_name]
    if not hasattr(module, "causal_attention"):
        raise ValueError(f"Module {module_name} has no causal_attention function")

    original = module.causal_attention
    recorded = []

    def wrapper(*args, **kwargs):
        result = original(*args, **kwargs)
        recorded.append(result[1][0].detach().cpu())
        return result

    was_training = model.training
    module.causal_attention = wrapper
    try:
        model.eval()
        with torch.no_grad():
            model(ids)
    finally:
        module.causal_attention = original
        model.train(was_training)

    if len(recorded) == 0:
        raise ValueError("The model never called causal_attention")
    return recorded


def strongest(weights, tokens, place, n=3):
    T = weights.shape[0]
    if len(tokens) != T:
        raise ValueError(f"Expected {T} tokens, got {len(tokens)}")
    if place < 0 or place >= T:
        raise ValueError(f"place must be between 0 and {T - 1}, got {place}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")

    shares = [(i, tokens[i], float(weights[place, i])) for i in range(place + 1)]
    shares.sort(key=lambda item: (-item[2], item[0]))
    return shares[:n]


def attention_figure(weights, tokens):
    T = len(tokens)
    for layer in weights:
        if layer.shape[1] != T or layer.shape[2] != T:
            raise ValueError(f"Expected {layer.shape[1]} tokens, got {T}")

    n_layers = len(weights)
    n_heads = weights[0].shape[0]
    labels = [t if t != " " else "␣" for t in tokens]

    fig = Figure(figsize=(3 * n_heads, 3 * n_layers))
    axes = fig.subplots(n_layers, n_heads, squeeze=False)
    for i in range(n_layers):
        for j in range(n_heads):
            ax = axes[i][j]
            ax.imshow(weights[i][j].numpy(), vmin=0, vmax=1, cmap="viridis")
            ax.set_title(f"layer {i + 1}, head {j + 1}")
            ax.set_xticks(range(T))
            ax.set_xticklabels(labels)
            ax.set_yticks(range(T))
            ax.set_yticklabels(labels)
    fig.tight_layout()
    return fig
