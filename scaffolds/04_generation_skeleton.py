"""Loop 4, the sampler: the model guesses, one guess is drawn, it joins the text, and again.

Shapes: T tokens so far, V tokens in the vocabulary.
Source: top-k sampling as in Fan et al. 2018, arXiv:1805.04833.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/04_generation_test.py scaffolds/04_generation_skeleton.py
# Or take it over:  cp scaffolds/04_generation_skeleton.py mini_gpt/sampler.py

import torch
from torch import Tensor, nn

LONGEST_WORD = 30


def choose_next(
    logits: Tensor, temperature: float, top_k: int | None, generator: torch.Generator | None
) -> Tensor:
    """Draw the next id from the scores of all ids.

    Args:
        logits: one score for each id, (1, V).
        temperature: 0 takes the highest score; 1 draws by the model's own odds; above 1 is bolder.
        top_k: draw from the k best only, 1 to V. None means from all.
        generator: where the random numbers come from. None means PyTorch's own.

    Returns:
        The chosen id, (1, 1).
    """
    # Without any warmth there is no chance in it: take the best.
    # Let only the k best take part: a score of minus infinity is never drawn.
    # A low temperature stretches the scores apart, a high one brings them together.
    # Draw one id by these odds.
    raise NotImplementedError("write choose_next in mini_gpt/sampler.py")


@torch.no_grad()
def generate(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Continue a text, one token at a time.

    Args:
        model: a MiniGPT, with its longest text in config["block_size"].
        ids: the text so far, int64, (1, T), T at least 1.
        max_new_tokens: how many tokens to add.
        temperature: 0 or above, see choose_next.
        top_k: 1 to V or None, see choose_next.
        generator: where the random numbers come from.

    Returns:
        The text and its continuation, (1, T + max_new_tokens). The ids given stay as they were.

    Raises:
        ValueError: there is no token to continue, or temperature or top_k is out of range.
    """
    # Refuse an empty text: without a token there is nothing to guess from.
    # Refuse a temperature below 0, and one that is not a number.
    # Refuse a number of best tokens that the vocabulary does not have.
    # Remember the model's mode, and switch it to using what it learned.
    # Whatever happens in here, the mode is restored at the end.
        # Add one token after the other:
            # The model can look at block_size tokens, so show it the last ones.
            # Only the guess after the last token is news. Choose the next token by it.
            # The chosen token joins the text.
    raise NotImplementedError("write generate in mini_gpt/sampler.py")


def finished_words(text: str) -> int:
    """Count the words of a text that are finished. The last one is, if a space follows it.

    >>> finished_words("once upon"), finished_words("once upon ")
    (1, 2)
    """
    # Without a space at the end, the last word may still go on.
    raise NotImplementedError("write finished_words in mini_gpt/sampler.py")


def generate_words(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: torch.Generator | None = None,
) -> str:
    """Continue a prompt by a number of words.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        prompt: the beginning, at least one character. Unknown characters appear as <unk>.
        n_words: how many words to add. A word ends at a space, or after LONGEST_WORD characters.
        temperature: 0 or above, see choose_next.
        generator: where the random numbers come from.

    Returns:
        The prompt as the tokenizer sees it, and its continuation.
    """
    # Read the prompt as the tokenizer sees it.
    # The prompt's words are there already, and n_words more are wanted.
    # Go on until they are finished. Even a model that never makes a space comes to an end:
        # Add one character, and read the whole text again.
    # Leave out the space behind the last word.
    raise NotImplementedError("write generate_words in mini_gpt/sampler.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "04_generation_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
