"""Make the pictures of the four pages, from real runs: `python docs/make_pictures.py`.

Everything is trained and drawn on the reference, so the pictures stay the same whatever is in `mini_gpt/`.
"""

import math
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import FancyBboxPatch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from mini_gpt.story import SEED, STORY, TRAINING_TEXT  # noqa: E402
from scaffolds.reference import transformer  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import train  # noqa: E402

# Okabe and Ito's colors, which stay apart for color-blind readers.
BLUE, ORANGE, GREEN, GRAY, PALE = "#0072B2", "#D55E00", "#007A5A", "#666666", "#E8E8E8"
SIZE, DPI = (10.6, 6.0), 140
WINDOW = 64  # characters that the model sees at once while it trains
ATTENTION_TEXT, ATTENTION_HEAD = "hello world. once", 2  # the head counts from 0
CHOICE_PROMPT, TEMPERATURES = " ", (0.5, 1.0, 2.0)


def train_story() -> tuple[nn.Module, CharTokenizer, list[float]]:
    """Train the model on the story, just as the check of loop 3 does."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(SEED)
    model = transformer.MiniGPT(vocab_size=tokenizer.vocab_size)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    losses = train(model, ids, steps=100, seed=SEED)
    return model.eval(), tokenizer, losses


def story_floor() -> float:
    """Return the lowest average loss that is possible on windows of the story, in nats."""
    counts = Counter(STORY).values()
    return sum(n / len(STORY) * math.log(n) for n in counts) / WINDOW


def last_layer_weights(model: nn.Module, tokenizer: CharTokenizer, text: str) -> Tensor:
    """Return the attention weights of the last layer, (H, T, T), by listening to causal_attention."""
    heard = []
    attention = transformer.causal_attention

    def listen(q, k, v):
        output, weights = attention(q, k, v)
        heard.append(weights[0])
        return output, weights

    transformer.causal_attention = listen
    try:
        with torch.no_grad():
            model(torch.tensor([tokenizer.encode(text)]))
    finally:
        transformer.causal_attention = attention
    return heard[-1]


def next_shares(model: nn.Module, tokenizer: CharTokenizer, text: str, temperature: float) -> Tensor:
    """Return the probability of each id after a text, (V,)."""
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer.encode(text)]))[0, -1]
    return torch.softmax(logits / temperature, dim=-1)


def visible(character: str) -> str:
    """Return a character as it can be seen in a picture."""
    return "␣" if character == " " else character


def new_figure(title: str) -> Figure:
    """Make an empty picture with its message on top."""
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    figure.suptitle(title, fontsize=17, fontweight="bold", x=0.5, y=0.965)
    return figure


def save(figure: Figure, path: Path) -> Path:
    """Write a picture. Without the version of the program in it, equal pictures are equal files."""
    figure.savefig(path, metadata={"Software": None})
    return path


def draw_box(axes: Axes, x: float, y: float, text: str, color: str, size: int = 16) -> None:
    """Draw a box with a text around the point (x, y)."""
    style = "round,pad=0,rounding_size=0.08"
    box = FancyBboxPatch((x - 0.42, y - 0.36), 0.84, 0.72, style, fc="white", ec=color, lw=2)
    axes.add_patch(box)
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=color)


def draw_tokenizer(path: Path, tokenizer: CharTokenizer) -> Path:
    """Draw a text, its ids, and the vocabulary of the story."""
    text = "Hello world"
    figure = new_figure("Each character becomes the number that the vocabulary gives it")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.88))
    axes.set(xlim=(-0.2, 13.2), ylim=(0, 7.0))
    axes.axis("off")
    axes.text(0.05, 5.9, "text", fontsize=14, color=GRAY, va="center")
    axes.text(0.05, 4.3, "ids", fontsize=14, color=GRAY, va="center")
    for place, (character, id) in enumerate(zip(text, tokenizer.encode(text))):
        x, color = 1.8 + place, ORANGE if id == 1 else BLUE
        draw_box(axes, x, 5.9, visible(character), color)
        draw_box(axes, x, 4.3, str(id), color)
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 1.6}
        axes.annotate("", (x, 4.72), (x, 5.48), arrowprops=arrow)
    note = "capital H is not in the story,\nso it becomes <unk>, id 1"
    axes.text(1.4, 3.4, note, fontsize=12.5, color=ORANGE, ha="left", va="center")
    axes.text(0.05, 2.6, "vocabulary", fontsize=14, color=GRAY, va="center")
    for id, token in enumerate(tokenizer.vocab):
        x, y = 2.8 + 1.2 * (id % 8), 2.2 if id < 8 else 0.85
        color = {0: GRAY, 1: ORANGE, 2: GRAY}.get(id, BLUE)
        draw_box(axes, x, y, visible(token), color, 16 if id > 2 else 11)
        axes.text(x, y - 0.55, str(id), fontsize=12, color=GRAY, ha="center", va="center")
    return save(figure, path)


def draw_attention(path: Path, weights: Tensor) -> Path:
    """Draw the attention of one head as a triangle."""
    labels = [visible(character) for character in ATTENTION_TEXT]
    T = len(labels)
    figure = new_figure("To know the word, this head looks back at one letter of it")
    axes = figure.add_axes((0.20, 0.10, 0.60, 0.78))
    future = torch.ones(T, T).triu(1).bool()
    shown = weights.masked_fill(future, float("nan"))
    colors = matplotlib.colormaps["Blues"].with_extremes(bad=PALE)
    image = axes.imshow(shown, vmin=0, vmax=1, cmap=colors, aspect="auto")
    for row, column in (weights >= 0.3).nonzero().tolist():
        value = float(weights[row, column])
        color = "white" if value > 0.55 else "black"
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=11, color=color)
    axes.set_xticks(range(T), labels, fontsize=14, family="monospace")
    axes.set_yticks(range(T), labels, fontsize=14, family="monospace")
    axes.set_xlabel("... at this character", fontsize=14)
    axes.set_ylabel("this one looks back ...", fontsize=14)
    axes.tick_params(length=0)
    axes.text(12.0, 2.3, "the future: hidden", fontsize=14, color=GRAY, ha="center", va="center")
    w = ATTENTION_TEXT.index("w")
    note = 'r, l, d and "."\nlook back at the w'
    arrow = {"arrowstyle": "-|>", "color": ORANGE, "lw": 1.8}
    axes.annotate(note, (w + 0.55, w + 2), (12.0, w - 0.4), arrowprops=arrow, **note_style())
    bar = figure.colorbar(image, cax=figure.add_axes((0.83, 0.10, 0.022, 0.78)))
    bar.set_label("weight: the share that it takes from there", fontsize=13)
    return save(figure, path)


def note_style() -> dict:
    """Return how a remark in a picture is written."""
    return {"fontsize": 14, "color": ORANGE, "ha": "center", "va": "center"}


def draw_loss(path: Path, losses: list[float]) -> Path:
    """Draw the loss of each step, between the even guess and the lowest possible loss."""
    even, floor, steps = math.log(len(set(STORY)) + 3), story_floor(), range(1, len(losses) + 1)
    figure = new_figure(f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f} in {len(losses)} steps")
    axes = figure.add_axes((0.09, 0.12, 0.87, 0.77))
    axes.plot(steps, losses, color=BLUE, lw=2.6)
    axes.axhline(even, color=ORANGE, lw=1.6, ls="--")
    axes.axhline(floor, color=GREEN, lw=1.6, ls="--")
    axes.set_yscale("log")
    axes.set(xlim=(0, len(losses) + 1), ylim=(0.016, 4.6))
    ticks = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
    axes.set_yticks(ticks, [str(tick) for tick in ticks], fontsize=13)
    axes.set_yticks([], minor=True)
    axes.tick_params(axis="x", labelsize=13)
    axes.set_xlabel("step", fontsize=14)
    axes.set_ylabel("loss in nats (each mark is about twice the last)", fontsize=14)
    axes.text(99, even * 1.1, f"an even guess among 16 ids: ln 16 = {even:.2f}", **label(ORANGE))
    axes.text(99, floor * 0.88, f"no honest model gets below {floor:.4f}", **label(GREEN, "top"))
    axes.text(46, losses[42], "the loss of each step", **label(BLUE) | {"ha": "left"})
    axes.spines[["top", "right"]].set_visible(False)
    return save(figure, path)


def label(color: str, va: str = "bottom") -> dict:
    """Return how a line in a picture is labelled."""
    return {"fontsize": 14, "color": color, "ha": "right", "va": va}


def draw_temperatures(path: Path, model: nn.Module, tokenizer: CharTokenizer) -> Path:
    """Draw what may follow a space, at three temperatures."""
    figure = new_figure("After a space, seven letters are possible: temperature decides how bold to be")
    figure.texts[-1].set_fontsize(16)
    names = ["plays safe", "as learned", "is bold"]
    best = next_shares(model, tokenizer, CHOICE_PROMPT, 1.0).argsort(descending=True)[:7].tolist()
    panels = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.82, bottom=0.14, wspace=0.08)
    for axes, temperature, name in zip(panels, TEMPERATURES, names):
        shares = next_shares(model, tokenizer, CHOICE_PROMPT, temperature)
        bars = [float(shares[id]) for id in best] + [1 - float(shares[best].sum())]
        axes.bar(range(8), bars, color=[BLUE] * 7 + ["#999999"])
        for place, height in enumerate(bars):
            axes.text(place, height + 0.008, f"{height:.0%}", ha="center", fontsize=11)
        axes.set_xticks(range(8), [tokenizer.vocab[id] for id in best] + ["others"], fontsize=14)
        axes.get_xticklabels()[-1].set(fontsize=11, color=GRAY)
        axes.set_title(f"temperature {temperature:g}: {name}", fontsize=14)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
    panels[0].set_ylabel("probability", fontsize=14)
    figure.text(0.53, 0.035, "the next character", fontsize=14, ha="center")
    return save(figure, path)


def make_all(folder: Path, story: tuple) -> list[Path]:
    """Make all pictures in a folder.

    Args:
        folder: where to. It is made if it is not there.
        story: what train_story returned.
    """
    model, tokenizer, losses = story
    folder.mkdir(parents=True, exist_ok=True)
    weights = last_layer_weights(model, tokenizer, ATTENTION_TEXT)[ATTENTION_HEAD]
    return [
        draw_tokenizer(folder / "01_tokenizer.png", tokenizer),
        draw_attention(folder / "02_transformer.png", weights),
        draw_loss(folder / "03_training.png", losses),
        draw_temperatures(folder / "04_generation.png", model, tokenizer),
    ]


if __name__ == "__main__":
    for picture in make_all(ROOT / "docs" / "images", train_story()):
        print(picture.relative_to(ROOT).as_posix())
