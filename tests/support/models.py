"""Small models in files, for the tests of the commands."""

import torch

from mini_gpt.support import checkpoint
from mini_gpt.support.tokenizers import describe_tokenizer
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT

SIZES = {"n_embd": 16, "n_head": 2, "n_layer": 2, "block_size": 64}
LETTERS = "red hen curled up. hello world. once upon our pond \n"


def small_model(tokenizer=None, block_size=12):
    """Make a model whose guesses are far from even."""
    vocab_size = (tokenizer or CharTokenizer(LETTERS)).vocab_size
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = MiniGPT(vocab_size, **SIZES | {"block_size": block_size}).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.3 * torch.randn(parameter.shape))
    return model


def save(path, tokenizer=None, block_size=12, **changes):
    """Write such a model into a checkpoint of a book. Returns the file's name."""
    tokenizer = tokenizer or CharTokenizer(LETTERS)
    model = small_model(tokenizer, block_size)
    state = {"config": dict(model.config), "best": {"weights": model.state_dict()}}
    checkpoint.save(path, describe_tokenizer(tokenizer) | state | changes)
    return str(path)
