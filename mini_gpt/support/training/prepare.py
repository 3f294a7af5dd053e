"""From texts to ids on the disk, in two passes: which tokens are there, and where."""

from pathlib import Path

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.training.books import pieces_of
from mini_gpt.support.training.pairs import learn_pairs, whole_words


def prepare(files: list[Path], out: Path, block_size: int, vocab_size: int | None = None) -> tuple:
    """Make a tokenizer for some texts, and write their ids into a file.

    Args:
        files: the texts.
        out: where the ids are kept.
        block_size: ids per window. Both parts of the ids must be longer.
        vocab_size: learn pairs, until there are so many tokens. None: one for each character.

    Returns:
        The tokenizer, and how many ids there are.

    Raises:
        Refusal: the texts cannot be used.
    """
    from mini_gpt.corpus import write_ids

    if vocab_size:
        tokenizer, pieces, what = learn_pairs(files, vocab_size), whole_words, "tokens"
    else:
        tokenizer, pieces, what = learn_letters(files), iter, "characters"
    count = write_ids(out, (tokenizer.encode(piece) for piece in pieces(pieces_of(files))))
    needed = 10 * (block_size + 1)
    if count < needed:
        out.unlink()
        wrong = f"The texts must hold at least {needed} {what}, got {count}"
        raise Refusal(f"{wrong}: use a longer text, or a smaller --block-size.")
    return tokenizer, count


def learn_letters(files: list[Path]) -> object:
    """Learn which characters are in some texts."""
    from mini_gpt.tokenizer import CharTokenizer

    letters: dict[str, None] = {}
    for piece in pieces_of(files):
        letters |= dict.fromkeys(piece)
    return CharTokenizer("".join(letters))


def per_character(loss: float, tokenizer: object, ids) -> float:
    """Turn a loss for each of some ids, save the first, into one for each character of them."""
    return loss * (len(ids) - 1) / len(tokenizer.decode(ids[1:].tolist()))


def open_parts(out: Path) -> tuple:
    """Return what to learn from, and what is kept back to look how well it does."""
    from mini_gpt.corpus import open_ids, split

    return split(open_ids(out))
