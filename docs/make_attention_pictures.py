"""Make the pictures of the pages 07 and 10: `python docs/make_attention_pictures.py`.

What is drawn comes from the reference, so the pictures do not change with your own modules.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import matplotlib  # noqa: E402
from make_pictures import BLUE, GRAY, SPACE, new_figure, write  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

CACHE_TEXT = "hello wo"
LOOKED_UP = "#CFE3F1"


def draw_steps(axes, calculated, title: str) -> None:
    """Draw a row for each step, and a box for each token that the model looks at.

    Args:
        axes: where to draw.
        calculated: tells of a token and a step whether the token is calculated.
        title: stands above it.
    """
    for step in range(len(CACHE_TEXT)):
        for place in range(step + 1):
            new = calculated(place, step)
            color = {"fc": BLUE if new else LOOKED_UP, "ec": "white", "lw": 2}
            axes.add_patch(Rectangle((place, -step), 1, -1, **color))
            letter = CACHE_TEXT[place].replace(" ", SPACE)
            write(axes, place + 0.5, -step - 0.5, letter, "white" if new else GRAY, fontsize=14)
        write(axes, -0.25, -step - 0.5, str(step + 1), ha="right", fontsize=13)
    axes.set(xlim=(-1, 8.2), ylim=(-8.2, 0.2), aspect="equal")
    axes.axis("off")
    axes.set_title(title, fontsize=14, pad=8)


def draw_cache() -> Figure:
    """Draw what is calculated to write eight characters, without and with a cache."""
    figure = new_figure("With a cache, each token is calculated once")
    panels = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.04, right=0.98, top=0.83, bottom=0.03, wspace=0.04)
    n = len(CACHE_TEXT)
    every, newest = n * (n + 1) // 2, n
    draw_steps(panels[0], lambda place, step: True, f"without: {every} tokens calculated")
    title = f"with: {newest} calculated, {every - newest} looked up"
    draw_steps(panels[1], lambda place, step: place == step, title)
    write(panels[0], -0.25, 0.25, "step", ha="right", va="bottom", fontsize=13)
    return figure


def make_all(folder: Path) -> list[Path]:
    """Make the pictures in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"font.size": 14}):
        figures = {"10_kv_cache": draw_cache()}
        for name, figure in figures.items():  # no version in it: equal pictures are equal files
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    return [folder / f"{name}.png" for name in figures]


if __name__ == "__main__":
    for picture in make_all(ROOT / "docs" / "images"):
        print(picture.relative_to(ROOT).as_posix())
