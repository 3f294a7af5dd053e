"""From texts to ids on the disk, in two passes: which characters are there, and where."""

from pathlib import Path

from mini_gpt.support.books import pieces_of
from mini_gpt.support.refusal import Refusal


def prepare(files: list[Path], out: Path, block_size: int) -> tuple:
    """Make a tokenizer for some texts, and write their ids into a file.

    Args:
        files: the texts.
        out: where the ids are kept.
        block_size: ids per window. Both parts of the ids must be longer.

    Returns:
        The tokenizer, and how many ids there are.

    Raises:
        Refusal: the texts cannot be used.
    """
    from mini_gpt.corpus import write_ids
    from mini_gpt.tokenizer import CharTokenizer

    letters: dict[str, None] = {}
    for piece in pieces_of(files):
        letters |= dict.fromkeys(piece)
    tokenizer = CharTokenizer("".join(letters))
    count = write_ids(out, (tokenizer.encode(piece) for piece in pieces_of(files)))
    needed = 10 * (block_size + 1)
    if count < needed:
        out.unlink()
        wrong = f"The texts must hold at least {needed} characters, got {count}"
        raise Refusal(f"{wrong}: use a longer text, or a smaller --block-size.")
    return tokenizer, count


def open_parts(out: Path) -> tuple:
    """Return what to learn from, and what is kept back to look how well it does."""
    from mini_gpt.corpus import open_ids, split

    return split(open_ids(out))
