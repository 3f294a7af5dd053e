"""Make the pictures of challenges 06 and 08: `python tools/challenge_pictures.py`.

What is drawn comes from the reference, as in pictures.py.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

from scaffolds.reference.beam_search import beam_search  # noqa: E402
from scaffolds.reference.bpe import FIRST_MERGE, BPETokenizer  # noqa: E402
from tools.pictures import ARROW, BLUE, GRAY, ORANGE, SPACE, new_figure, write  # noqa: E402

TEXT = "hello hello help"
TOKENS = ["a", "b"]
FIRST = {"a": 0.5, "b": 0.4}
SECOND = {"a": {"a": 0.4, "b": 0.3}, "b": {"a": 0.06, "b": 0.9}}


def draw_row(axes, y: float, tokenizer: BPETokenizer, newest: int) -> None:
    """Draw the tokens of the text as a row of boxes. Those with the newest id stand out."""
    x = 0.0
    for id in tokenizer.encode(TEXT):
        token = tokenizer.decode([id])
        color = ORANGE if id == newest else BLUE
        shape = Rectangle((x + 0.06, y - 0.33), len(token) - 0.12, 0.66, fc="white", ec=color, lw=2)
        axes.add_patch(shape)
        for place, character in enumerate(token):
            shown = character.replace(" ", SPACE)
            write(axes, x + place + 0.5, y, shown, color, family="monospace", fontsize=15)
        x += len(token)


def draw_merges() -> Figure:
    """Draw a text, and how its tokens grow merge by merge."""
    figure = new_figure("Each merge makes one token of a pair, everywhere")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.88), xlim=(-4.9, 18.2), ylim=(-5.7, 0.7))
    axes.axis("off")
    merges = BPETokenizer.train(TEXT, FIRST_MERGE + 5).merges
    for n in range(len(merges) + 1):
        tokenizer = BPETokenizer(merges[:n])
        newest = tokenizer.vocab_size - 1
        halves = [tokenizer.decode([id]).replace(" ", SPACE) for id in merges[n - 1]] if n else []
        note = f"{newest}:  {halves[0]} + {halves[1]}" if n else "only bytes"
        write(axes, -0.4, -n * 1.05, note, ORANGE if n else GRAY, ha="right", family="monospace")
        draw_row(axes, -n * 1.05, tokenizer, newest if n else -1)
        count = len(tokenizer.encode(TEXT))
        write(axes, 17.3, -n * 1.05, f"{count}", fontsize=15)
    write(axes, 17.3, 0.62, "tokens", fontsize=12)
    return figure


def trap(ids: torch.Tensor) -> torch.Tensor:
    """Give the logits of the example: a better first token that leads to a worse text."""
    table = torch.full((*ids.shape, 2), 1e-9)
    for row, texts in enumerate(ids.tolist()):
        odds = FIRST if len(texts) == 1 else SECOND[TOKENS[texts[-1]]]
        table[row, -1] = torch.tensor(list(odds.values()))
    # The rest goes to a third token that is never among the best.
    rest = 1 - table.sum(dim=-1, keepdim=True)
    return torch.cat([table, rest.clamp(min=1e-9)], dim=-1).log()


class TrapModel(torch.nn.Module):
    """A model with two tokens that matter, a and b."""

    config = {"vocab_size": 3, "block_size": 8}
    forward = staticmethod(trap)


def kept(width: int) -> set[str]:
    """Return the beginnings that stay after each of the two steps, such as {"a", "ab"}."""
    stays = set()
    for steps in (1, 2):
        for ids, _ in beam_search(TrapModel(), torch.tensor([[2]]), steps, width):
            stays.add("".join(TOKENS[id] for id in ids[0, 1:].tolist()))
    return stays


def draw_tree(axes, width: int) -> None:
    """Draw all texts of two tokens as a tree. What does not stay is gray."""
    stays = kept(width)
    places = {"": (0.0, 1.5), "a": (1.0, 2.5), "b": (1.0, 0.5)}
    places |= {"aa": (2.0, 3.0), "ab": (2.0, 2.0), "ba": (2.0, 1.0), "bb": (2.0, 0.0)}
    shares = {"": 1.0} | FIRST
    shares |= {a + b: FIRST[a] * p for a in SECOND for b, p in SECOND[a].items()}
    best = max((text for text in stays if len(text) == 2), key=shares.get)
    for text, (x, y) in places.items():
        color = ORANGE if text == best else BLUE if text in stays or not text else "#AAAAAA"
        if text:
            x0, y0 = places[text[:-1]]
            p = shares[text] / shares[text[:-1]]
            arrow = ARROW | {"color": color, "shrinkA": 16, "shrinkB": 20}
            axes.annotate("", (x, y), (x0, y0), arrowprops=arrow)
            write(axes, (x + x0) / 2, (y + y0) / 2 + 0.22, f"{p:g}", color, fontsize=12)
        write(axes, x, y, text or "start", color, fontsize=17, fontweight="bold")
        if len(text) == 2:
            write(axes, x + 0.52, y, f"{shares[text]:.2f}", color, fontsize=15)


def draw_beams() -> Figure:
    """Draw the same tree twice: what greedy keeps, and what two beams keep."""
    figure = new_figure("The best first step may lead to a worse text")
    for width, left, name in [(1, 0.01, "greedy: 1 beam"), (2, 0.51, "2 beams")]:
        axes = figure.add_axes((left, 0.03, 0.48, 0.80), xlim=(-0.35, 2.8), ylim=(-0.4, 3.5))
        axes.axis("off")
        axes.set_title(name, fontsize=15)
        draw_tree(axes, width)
    return figure


def make_all(folder: Path) -> list[Path]:
    """Make both pictures in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"font.size": 14}):
        figures = {"06_bpe_tokenizer": draw_merges(), "08_beam_search": draw_beams()}
        for name, figure in figures.items():  # no version in it: equal pictures are equal files
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    return [folder / f"{name}.png" for name in figures]


if __name__ == "__main__":
    for picture in make_all(ROOT / "docs" / "images"):
        print(picture.relative_to(ROOT).as_posix())
