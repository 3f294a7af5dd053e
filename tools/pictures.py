"""Make the pictures of the four pages, from real runs: `python tools/pictures.py`.

What is drawn comes from the reference, so the pictures do not change with your own modules.
"""

import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402

from mini_gpt.story import SEED, STORY, TRAINING_TEXT  # noqa: E402
from scaffolds.reference import transformer  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import train  # noqa: E402

# Okabe and Ito's colors, made a little darker, which stay apart for color-blind readers.
BLUE, ORANGE, GREEN, GRAY, PALE = "#0072B2", "#C85000", "#007A5A", "#666666", "#E8E8E8"
SPACE, ARROW = "␣", {"arrowstyle": "-|>", "lw": 1.7}
WINDOW = 64  # characters that the model sees at once while it trains
ATTENTION_TEXT, ATTENTION_HEAD = "hello world. once", 2  # the head counts from 0
CHOICE_PROMPT, TEMPERATURES = " ", {0.5: "plays safe", 1.0: "as learned", 2.0: "is bold"}


def train_story() -> tuple:
    """Train on the story, as the check of loop 3 does. Return model, tokenizer, losses."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(SEED)
    model = transformer.MiniGPT(vocab_size=tokenizer.vocab_size)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    losses = train(model, ids, steps=100, seed=SEED)
    return model.eval(), tokenizer, losses


def best_loss(memory: int) -> float:
    """Return the lowest possible loss on windows of the story, if one looks back no further."""
    loss = 0.0
    for place in range(1, WINDOW + 1):
        seen = min(place, memory)
        pieces = [(STORY * 3)[start : start + seen + 1] for start in range(len(STORY))]
        before = [piece[:-1] for piece in pieces]
        loss += sum(math.log(before.count(piece[:-1]) / pieces.count(piece)) for piece in pieces)
    return loss / len(STORY) / WINDOW


@torch.no_grad()
def head_weights(model, tokenizer) -> torch.Tensor:
    """Return the weights of one head in the last layer, (T, T), by listening to the model."""
    heard, attention = [], transformer.causal_attention

    def listen(q, k, v):
        heard.append(attention(q, k, v))
        return heard[-1]

    transformer.causal_attention = listen
    try:
        model(torch.tensor([tokenizer.encode(ATTENTION_TEXT)]))
    finally:
        transformer.causal_attention = attention
    return heard[-1][1][0, ATTENTION_HEAD]


@torch.no_grad()
def next_shares(model, tokenizer, text: str, temperature: float) -> torch.Tensor:
    """Return the probability of each id after a text, (V,)."""
    logits = model(torch.tensor([tokenizer.encode(text)]))[0, -1]
    return torch.softmax(logits / temperature, dim=-1)


def new_figure(title: str) -> Figure:
    """Make an empty picture with its message on top."""
    figure = Figure(figsize=(10.6, 6.0), dpi=140, facecolor="white")
    figure.suptitle(title, fontsize=17, fontweight="bold", y=0.965)
    return figure


def write(axes, x: float, y: float, text: str, color: str = GRAY, **options) -> None:
    """Write a text around the point (x, y), unless the options say otherwise."""
    axes.text(x, y, text, **{"color": color, "ha": "center", "va": "center"} | options)


def draw_box(axes, x: float, y: float, text: str, color: str) -> None:
    """Draw a box with a text in it around the point (x, y)."""
    axes.add_patch(Rectangle((x - 0.42, y - 0.36), 0.84, 0.72, fc="white", ec=color, lw=2))
    write(axes, x, y, text.replace(" ", SPACE), color, fontsize=16 if len(text) < 3 else 11)


def draw_tokenizer(tokenizer) -> Figure:
    """Draw a text, its ids, and the vocabulary of the story."""
    figure = new_figure("Each character becomes the number that the vocabulary gives it")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.88), xlim=(-0.2, 13.2), ylim=(0, 7))
    axes.axis("off")
    for y, name in {5.9: "text", 4.3: "ids", 2.2: "vocabulary"}.items():
        write(axes, 0, y, name, ha="left")
    for place, character in enumerate("Hello world"):
        token_id = tokenizer.encode(character)[0]
        x, color = 2.2 + place, ORANGE if token_id == 1 else BLUE
        draw_box(axes, x, 5.9, character, color)
        draw_box(axes, x, 4.3, str(token_id), color)
        axes.annotate("", (x, 4.72), (x, 5.48), arrowprops=ARROW | {"color": color})
    note = "a capital H is not in the story, so it becomes <unk>, id 1"
    write(axes, 1.78, 3.55, note, ORANGE, ha="left", fontsize=12.5)
    for token_id, token in enumerate(tokenizer.vocab):
        x, y = 2.2 + 10 / 7 * (token_id % 8), 2.2 if token_id < 8 else 0.85
        draw_box(axes, x, y, token, {0: GRAY, 1: ORANGE, 2: GRAY}.get(token_id, BLUE))
        write(axes, x, y - 0.55, str(token_id), fontsize=12)
    return figure


def draw_attention(weights: torch.Tensor) -> Figure:
    """Draw the attention of one head as a triangle."""
    figure = new_figure('In "world.", this head looks back at the w')
    axes = figure.add_axes((0.20, 0.10, 0.60, 0.78), facecolor=PALE)
    labels = list(ATTENTION_TEXT.replace(" ", SPACE))
    past = weights.masked_fill(torch.ones_like(weights).triu(1) > 0, float("nan"))
    image = axes.imshow(past.numpy(), vmin=0, vmax=1, cmap="Blues", aspect="auto")
    for row, column in (weights >= 0.3).nonzero().tolist():
        color = "white" if weights[row, column] > 0.55 else "black"
        write(axes, column, row, f"{weights[row, column]:.1f}", color, fontsize=11)
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks(range(len(labels)), labels, family="monospace")
    axes.set(xlabel="... at this character", ylabel="this one looks back ...")
    axes.tick_params(length=0)
    write(axes, 12, 2.3, "the future: hidden")
    write(axes, 12, 5.5, 'r, l, d and "."\nlook back at the w', ORANGE)
    axes.annotate("", (6.6, 8), (9.7, 6.4), arrowprops=ARROW | {"color": ORANGE})
    bar = figure.add_axes((0.83, 0.10, 0.022, 0.78))
    figure.colorbar(image, cax=bar, label="weight: the share that it takes from there")
    return figure


def draw_loss(losses: list[float]) -> Figure:
    """Draw the loss of each step, between the even guess and the lowest possible loss."""
    figure = new_figure(f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f} in 100 steps")
    axes = figure.add_axes((0.09, 0.12, 0.87, 0.77), yscale="log", xlim=(0, 101), ylim=(0.016, 4.6))
    axes.plot(range(1, len(losses) + 1), losses, color=BLUE, lw=2.6)
    write(axes, 15, 0.6, "the loss of each step", BLUE)
    marks = {
        "an even guess among 16 ids, ln 16": (math.log(16), ORANGE),
        "the lowest if you see only the last character": (best_loss(1), GRAY),
        "the lowest if you see the last two": (best_loss(2), GRAY),
        "the lowest for any honest model": (best_loss(WINDOW), GREEN),
    }
    for name, (height, color) in marks.items():
        axes.axhline(height, color=color, lw=1.4, ls="--", zorder=0)
        text, place = f"{name}: {height:.{2 if height > 0.1 else 4}f}", 1.2 if height > 0.1 else 0.8
        write(axes, 100, height * place, text, color, ha="right", fontsize=13)
    ticks = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
    axes.set_yticks(ticks, ticks)
    axes.minorticks_off()
    axes.set(xlabel="step", ylabel="loss in nats")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def draw_temperatures(model, tokenizer) -> Figure:
    """Draw what may follow a space, at three temperatures."""
    figure = new_figure("Temperature decides how bold the guess after a space is")
    best = next_shares(model, tokenizer, CHOICE_PROMPT, 1.0).argsort(descending=True)[:7]
    panels = figure.subplots(1, 3, sharey=True)
    figure.subplots_adjust(left=0.06, right=0.98, top=0.82, bottom=0.09, wspace=0.08)
    for axes, (temperature, name) in zip(panels, TEMPERATURES.items()):
        shares = next_shares(model, tokenizer, CHOICE_PROMPT, temperature)[best]
        bars = [*shares.tolist(), 1 - float(shares.sum())]
        axes.bar(range(8), bars, color=[BLUE] * 7 + ["#999999"])
        for place, height in enumerate(bars):
            write(axes, place, height + 0.01, f"{height:.0%}", "black", fontsize=11)
        axes.set_xticks(range(8), [tokenizer.vocab[token_id] for token_id in best] + ["rest"])
        axes.set_title(f"temperature {temperature:g}: {name}", fontsize=14, pad=10)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
    panels[0].set_ylabel("probability of the next character")
    return figure


def make_all(folder: Path, story: tuple) -> list[Path]:
    """Make all pictures in a folder, from what train_story returned."""
    model, tokenizer, losses = story
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({"font.size": 14}):
        figures = {
            "01_tokenizer": draw_tokenizer(tokenizer),
            "02_transformer": draw_attention(head_weights(model, tokenizer)),
            "03_training": draw_loss(losses),
            "04_generation": draw_temperatures(model, tokenizer),
        }
        for name, figure in figures.items():  # no version in it: equal pictures are equal files
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    return [folder / f"{name}.png" for name in figures]


if __name__ == "__main__":
    for picture in make_all(ROOT / "docs" / "images", train_story()):
        print(picture.relative_to(ROOT).as_posix())
