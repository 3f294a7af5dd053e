"""Make the pictures of the pages 07 and 10: `python tools/attention_pictures.py`.

What is drawn comes from the reference, so the pictures do not change with your own modules.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

from mini_gpt.story import SEED  # noqa: E402
from scaffolds.reference.attention_map import record_attention  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.pictures import BLUE, GRAY, SPACE, new_figure, train_story, write  # noqa: E402

CACHE_TEXT = "hello wo"
LOOKED_UP = "#CFE3F1"
MAP_TEXT, MAP_HEAD, LOOKING = "hello world", 2, 7  # the head counts from 0, and so does the o


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


def draw_map(axes, shares: torch.Tensor, title: str) -> None:
    """Draw the map of one head, with the larger shares as numbers, and a frame around one row."""
    letters = list(MAP_TEXT.replace(" ", SPACE))
    future = torch.ones_like(shares).triu(1) > 0
    axes.set_facecolor("#EEEEEE")
    axes.imshow(shares.masked_fill(future, float("nan")).numpy(), vmin=0, vmax=1, cmap="Blues")
    for row, column in (shares >= 0.2).nonzero().tolist():
        color = "white" if shares[row, column] > 0.55 else "black"
        write(axes, column, row, f"{shares[row, column]:.1f}", color, fontsize=11)
    frame = {"fill": False, "ec": "#C85000", "lw": 2.2, "clip_on": False}
    axes.add_patch(Rectangle((-0.5, LOOKING - 0.5), LOOKING + 1, 1, **frame))
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks(range(len(letters)), letters, family="monospace")
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=14, pad=8)


def draw_attention_map(model, tokenizer) -> Figure:
    """Draw the same head before the training and after it."""
    figure = new_figure('The o of "world" learns to look at its w')
    torch.manual_seed(SEED)
    untrained = MiniGPT(vocab_size=tokenizer.vocab_size)
    ids = torch.tensor([tokenizer.encode(MAP_TEXT)])
    panels = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.07, right=0.985, top=0.83, bottom=0.11, wspace=0.14)
    for axes, one, title in zip(panels, (untrained, model), ("before training", "after 100 steps")):
        draw_map(axes, record_attention(one, ids)[0][MAP_HEAD], f"layer 1, head 3: {title}")
        axes.set_xlabel("... at this one")
    panels[0].set_ylabel("this character looks ...")
    return figure


def make_all(folder: Path, story: tuple) -> list[Path]:
    """Make the pictures in a folder, from what train_story returned."""
    model, tokenizer, _ = story
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"font.size": 14}):
        figures = {
            "07_attention_visualization": draw_attention_map(model, tokenizer),
            "10_kv_cache": draw_cache(),
        }
        for name, figure in figures.items():  # no version in it: equal pictures are equal files
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    return [folder / f"{name}.png" for name in figures]


if __name__ == "__main__":
    for picture in make_all(ROOT / "docs" / "images", train_story()):
        print(picture.relative_to(ROOT).as_posix())
