"""A picture of a training: both losses on their way down, and what simple guesses cost.

matplotlib is needed for it. Import this file only where a picture is wanted.
"""

import math

from matplotlib.figure import Figure

BLUE, ORANGE, GRAY = "#0072b2", "#d55e00", "#666666"
"""Colors that people who see fewer of them can tell apart."""
BITS = math.log(2)
"""So many nats are one bit."""


def draw(history: list[tuple[int, float, float]], easy: dict[str, float]) -> Figure:
    """Draw the losses of each look, in nats and in bits a character.

    Args:
        history: step, training loss and loss on unseen text of each look.
        easy: from the name of a simple guess to what it costs, in nats.
    """
    figure = Figure(figsize=(9, 5.5), dpi=110)
    axes = figure.add_axes((0.09, 0.11, 0.82, 0.8))
    steps, train, unseen = zip(*history)
    axes.plot(steps, train, color=BLUE, marker="o", ms=4, lw=2, label="training text")
    axes.plot(steps, unseen, color=ORANGE, marker="o", ms=4, lw=2, label="unseen text")
    for name, cost in easy.items():
        axes.axhline(cost, color=GRAY, ls=":", lw=1.2, zorder=0)
        axes.text(
            0.99, cost + 0.03, name, transform=axes.get_yaxis_transform(), color=GRAY, ha="right"
        )
    lowest = min([*train, *unseen, *easy.values()])
    axes.set_ylim(lowest - 0.2, max([*train, *unseen, *easy.values()]) + 0.3)
    axes.set(xlabel="step", ylabel="loss, nats a character", title="How surprised is the model?")
    bits = axes.secondary_yaxis("right", functions=(lambda n: n / BITS, lambda b: b * BITS))
    bits.set_ylabel("bits a character")
    axes.legend(loc="upper center", edgecolor="none")
    axes.spines["top"].set_visible(False)
    return figure
