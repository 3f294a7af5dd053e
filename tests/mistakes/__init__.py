"""Modules with a known mistake: a correct module of `tests/variants/` with some text replaced.

The line at fault follows from the replacement, so that it cannot be written down wrong.
"""

from dataclasses import dataclass
from pathlib import Path

VARIANTS = Path(__file__).resolve().parents[1] / "variants"


@dataclass(frozen=True)
class Mistake:
    """One wrong module: what it starts from, what is replaced, and what the report must say."""

    name: str
    """Unique in its loop, such as `scale_forgotten_einsum`."""
    base: str
    """The correct module: a file of `tests/variants/NN_stem/`, without `.py`."""
    edits: tuple[tuple[str, str], ...]
    """Pairs (old text, new text). Each old text occurs once. Two pairs are two mistakes."""
    says: str
    """A regular expression that the report must match, upper and lower case alike."""
    kind: str = "value"
    """`value` (a wrong result), `omission` (a line is missing), `raises`, `hangs`, or `import`."""
    also: tuple[str, ...] = ()
    """Other lines of the wrong module, quoted, where a repair would be just as right."""
