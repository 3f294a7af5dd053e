"""The plan of the model in loop 2: how many parameters each part has."""


def parameter_count(vocab_size, n_embd, n_head, n_layer, block_size):
    """Return how many parameters a model has, and by which parts."""
    C = n_embd
    block = 2 * (2 * C) + (3 * C * C + 3 * C) + (C * C + C) + (8 * C * C + 5 * C)
    return {
        "the token embedding": vocab_size * C,
        "the position embedding": block_size * C,
        "the blocks": n_layer * block,
        "the last LayerNorm": 2 * C,
        "the head": C * vocab_size + vocab_size,
    }


def likely_part(missing, parts, sizes):
    """Name the part with exactly as many parameters as are missing, or too many if negative."""
    C, V, L = sizes["n_embd"], sizes["vocab_size"], sizes["n_layer"]
    pieces = dict(parts)
    pieces["the bias of the head"] = V
    pieces["the weight of the head, shared with the token embedding,"] = C * V
    pieces["one LayerNorm in each block"] = 2 * C * L
    pieces["both LayerNorms in each block"] = 4 * C * L
    pieces["the bias of qkv in each block"] = 3 * C * L
    pieces["the bias of the output layer in each block"] = C * L
    pieces["the output layer of the attention in each block"] = (C * C + C) * L
    pieces["half of the MLP in each block (2x, not 4x)"] = (4 * C * C + 2 * C) * L
    pieces["all biases of attention in each block"] = 4 * C * L
    pieces["all blocks but one"] = parts["the blocks"] // L * (L - 1)
    fits = [name for name, size in pieces.items() if size == abs(missing) and size]
    verb = "missing" if missing > 0 else "too many"
    return f"{verb}: {fits[0]}, exactly {abs(missing):,}" if len(fits) == 1 else ""
