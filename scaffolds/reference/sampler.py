"""Loop 4, the sampler: the model guesses, one guess is drawn, it joins the text, and again.

Shapes: T tokens so far, V tokens in the vocabulary.
Source: top-k sampling as in Fan et al. 2018, arXiv:1805.04833.
"""

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
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    # Let only the k best take part: a score of minus infinity is never drawn.
    if top_k is not None:
        kth_best = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < kth_best, float("-inf"))
    # A low temperature stretches the scores apart, a high one brings them together.
    probabilities = torch.softmax(logits / temperature, dim=-1)
    # Draw one id by these odds.
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


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
    vocab_size, block_size = model.config["vocab_size"], model.config["block_size"]
    # Refuse an empty text: without a token there is nothing to guess from.
    if ids.shape[1] == 0:
        raise ValueError("ids must hold at least 1 token to continue, got 0: give a longer prompt")
    # Refuse a temperature below 0, and one that is not a number.
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    # Refuse a number of best tokens that the vocabulary does not have.
    if top_k is not None and not 1 <= top_k <= vocab_size:
        raise ValueError(f"top_k must be 1 to vocab_size {vocab_size}, or None, got {top_k}")
    # Remember the model's mode, and switch it to using what it learned.
    was_training = model.training
    model.eval()
    # Whatever happens in here, the mode is restored at the end.
    try:
        # Add one token after the other:
        for _ in range(max_new_tokens):
            # The model can look at block_size tokens, so show it the last ones.
            logits = model(ids[:, -block_size:])  # (1, T) -> (1, T, V)
            # Only the guess after the last token is news. Choose the next token by it.
            next_id = choose_next(logits[:, -1], temperature, top_k, generator)
            # The chosen token joins the text.
            ids = torch.cat([ids, next_id], dim=1)  # (1, T) -> (1, T + 1)
    finally:
        model.train(was_training)
    return ids


def finished_words(text: str) -> int:
    """Count the words of a text that are finished. The last one is, if a space follows it.

    >>> finished_words("once upon"), finished_words("once upon ")
    (1, 2)
    """
    words = len(text.split())
    # Without a space at the end, the last word may still go on.
    if text and not text[-1].isspace():
        words = words - 1
    return words


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
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    text = tokenizer.decode(ids[0].tolist())
    # The prompt's words are there already, and n_words more are wanted.
    words_wanted = len(text.split()) + n_words
    # Go on until they are finished. Even a model that never makes a space comes to an end:
    for _ in range(n_words * LONGEST_WORD):
        if finished_words(text) >= words_wanted:
            break
        # Add one character, and read the whole text again.
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
    # Leave out the space behind the last word.
    return text.rstrip()
