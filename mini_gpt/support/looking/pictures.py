"""The pictures: all maps, one head large, and before and after the training on one scale."""

import textwrap
from pathlib import Path

from torch import Tensor

from mini_gpt.support.looking.captions import Caption
from mini_gpt.support.looking.labels import in_units, label
from mini_gpt.support.refusal import Refusal

BLUE, GRAY = "#0072B2", "#555555"
FAINT = 0.1
"""Arcs are drawn from this share on."""

MOST_HEADS = 16
"""With more heads, before and after are drawn of one layer only: the picture would take minutes."""

ROOM = 26
"""In a map of up to so many tokens, there is room for numbers."""


def has_matplotlib() -> bool:
    """Tell whether pictures can be drawn."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def all_maps(maps: list[Tensor], tokens: list[str], captions: list[Caption]):
    """Draw all maps with the learner's own attention_figure, and write the captions below them.

    Args:
        maps: (H, T, T) for each layer.
        tokens: the T tokens.
        captions: one for each head.

    Returns:
        A matplotlib.figure.Figure.
    """
    figure = draw(maps, tokens)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + len(maps))  # an inch more for the captions of each row
    size = max(9, len(tokens) / 4)  # as large beside a large map
    below = {one.name: below_map(one) for one in captions}
    make_room(figure)
    for axes in figure.axes:
        if axes.get_title() in below:
            axes.set_xlabel(below[axes.get_title()], fontsize=size, parse_math=False)
    return figure


def make_room(figure) -> None:
    """Let the maps move apart for what stands between them, if nobody else has arranged them."""
    in_a_grid = all(axes.get_subplotspec() for axes in figure.axes)
    if figure.get_layout_engine() is None and in_a_grid:
        try:
            figure.set_layout_engine("constrained")
        except RuntimeError:  # a bar of colors is there, and stays where it is
            pass


def below_map(caption: Caption) -> str:
    """Write what stands below a map."""
    lines = textwrap.wrap(caption.sentence, 32)
    return "\n".join([*lines, f"loss {caption.rise:+.3f} without it"])


def before_and_after(before: list[Tensor], after: list[Tensor], tokens: list[str], first: int = 1):
    """Draw the maps of each layer twice, untrained and trained, on one scale.

    Args:
        before: (H, T, T) for each layer, of the model as it was before its training.
        after: the same, of the model as it is.
        tokens: the T tokens.
        first: the number of the first of these layers.

    Returns:
        A matplotlib.figure.Figure.
    """
    rows = [layer for pair in zip(before, after) for layer in pair]
    figure = draw(rows, tokens)
    titles = {
        f"layer {row + 1}, head {head + 1}": f"layer {row // 2 + first}, head {head + 1}\n"
        + ("before training" if row % 2 == 0 else "after training")
        for row, layer in enumerate(rows)
        for head in range(len(layer))
    }
    make_room(figure)
    for axes in figure.axes:
        if axes.get_title() in titles:
            axes.set_title(titles[axes.get_title()], fontsize=10)
    return figure


def draw(maps: list[Tensor], tokens: list[str]):
    """Let the learner's attention_figure draw."""
    from mini_gpt.attention_map import attention_figure

    try:
        return attention_figure(maps, tokens)
    except ValueError as error:
        raise Refusal(f"attention_figure cannot draw these maps: {error}.") from error


def one_head(weights: Tensor, tokens: list[str], caption: Caption):
    """Draw one head large: an arc from each token to those that it looks at, and the map below.

    Args:
        weights: (T, T).
        tokens: the T tokens.
        caption: of this head.

    Returns:
        A matplotlib.figure.Figure.
    """
    from matplotlib.figure import Figure

    T = len(tokens)
    width = max(8, 0.25 * T)
    figure = Figure(figsize=(width, width * 1.35 + 1), layout="constrained")
    arcs, below = figure.subplots(2, 1, height_ratios=(0.35, 1))
    draw_arcs(arcs, weights.tolist(), tokens)
    draw_large(below, weights, tokens)
    title = f"{caption.name}: {caption.sentence}\nscore {caption.score:.2f}, "
    title += f"loss {caption.rise:+.3f} without it"
    figure.suptitle(title, fontsize=13, parse_math=False)
    return figure


def draw_arcs(axes, shares: list[list[float]], tokens: list[str]) -> None:
    """Draw the text as a line, and an arc for each share: the wider and darker, the larger."""
    from matplotlib.patches import Arc

    T = len(tokens)
    for place, token in enumerate(tokens):
        axes.text(place, -T / 32, label(token), family="monospace", ha="center", va="top")
        itself = shares[place][place]
        if itself >= FAINT:
            style = {"markersize": 2 + 8 * itself, "color": BLUE, "alpha": 0.3 + 0.7 * itself}
            axes.plot([place], [0], "o", **style)
        for other in range(place):
            share = shares[place][other]
            if share >= FAINT:
                middle, span = (place + other) / 2, place - other
                style = {"lw": 0.5 + 4 * share, "color": BLUE, "alpha": 0.25 + 0.75 * share}
                axes.add_patch(Arc((middle, 0), span, span, theta1=0, theta2=180, **style))
    axes.set(xlim=(-1, T), ylim=(-T / 16 - 0.5, max(2, T / 2)))
    axes.axis("off")
    note = "an arc leads back to where a character looks; a dot: at itself; wide and dark: much"
    axes.set_title(in_units(note, tokens), fontsize=9, color=GRAY)


def draw_large(axes, weights: Tensor, tokens: list[str]) -> None:
    """Draw the map, with large shares as numbers if there is room for them."""
    labels = [label(token) for token in tokens]
    axes.imshow(weights.numpy(), vmin=0, vmax=1, cmap="Blues")
    axes.set_xlabel("... at this one")
    if len(tokens) <= ROOM:
        axes.set_xlabel("... at this one (in %)")
        for row, column in (weights >= FAINT).nonzero().tolist():
            share = float(weights[row, column])
            color = "white" if share > 0.55 else "black"
            axes.text(column, row, f"{share:.0%}"[:-1], color=color, ha="center", va="center")
    style = {"family": "monospace", "parse_math": False}
    axes.set_yticks(range(len(labels)), labels, **style)
    axes.set_xticks(range(len(labels)), labels, **style)
    axes.tick_params(length=0)
    axes.set_ylabel(in_units("this character looks ...", tokens))


def save(figure, folder: Path, name: str) -> list[Path]:
    """Write a picture as PNG and as SVG. Equal pictures are equal files."""
    import matplotlib

    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    with matplotlib.rc_context({"svg.hashsalt": "mini_gpt"}):
        figure.savefig(paths[0], metadata={"Software": None})
        figure.set_layout_engine("none")  # all stands where it should: finding it again takes long
        figure.savefig(paths[1], metadata={"Date": None, "Creator": None})
    return paths
