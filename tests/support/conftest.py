"""What the tests of the commands share."""

import pytest
import torch

from mini_gpt.story import STORY
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT
from tests.support.models import SIZES


@pytest.fixture
def sharp():
    """A small model whose heads look sharply somewhere, and its tokenizer."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(5)
    model = MiniGPT(tokenizer.vocab_size, **SIZES).eval()
    with torch.no_grad():
        for block in model.blocks:
            block.attention.qkv.weight.mul_(4)
    return model, tokenizer
