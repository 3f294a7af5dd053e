"""Draw how one map grows while the story model trains: `python tools/attention_growth.py`.

It also prints the table in docs/07_attention_visualization.md. What is drawn comes from the
reference, so the picture does not change with your own modules.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import matplotlib  # noqa: E402
import torch  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from mini_gpt.story import SEED, STORY, TRAINING_TEXT  # noqa: E402
from mini_gpt.support.looking.ablation import loss  # noqa: E402
from scaffolds.reference.attention_map import record_attention  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import train  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.pictures import WINDOW, new_figure  # noqa: E402

STEPS = (0, 5, 10, 20, 30, 40, 50, 60, 80, 100)
TEXT, LAYER, HEAD = "hello world", 0, 2
LOOKS, AT = 7, 6  # the o of world, and its w
PICTURE = ROOT / "docs" / "images" / "07_attention_growth.png"


def measure() -> tuple[list[tuple[int, float, torch.Tensor]], tuple]:
    """Train the story model.

    Returns:
        For each of STEPS: the step, the loss on all windows of the story, and the map (T, T). And
        the trained model with its tokenizer.
    """
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(SEED)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    text = torch.tensor([tokenizer.encode(TEXT)])
    found = []

    def look(step: int, _: float) -> None:
        if step in STEPS:
            shares = record_attention(model, text)[LAYER][HEAD]
            found.append((step, loss(model, ids.unfold(0, WINDOW + 1, 1)[: len(STORY)]), shares))

    look(0, 0.0)
    train(model, ids, steps=STEPS[-1], seed=SEED, on_step=look)
    return found, (model.eval(), tokenizer)


def draw(found: list[tuple[int, float, torch.Tensor]]) -> Figure:
    """Draw the ten maps on one scale, with step and loss above each."""
    figure = new_figure("The map grows sharp while the loss falls")
    panels = figure.subplots(2, 5)
    figure.subplots_adjust(left=0.03, right=0.985, top=0.83, bottom=0.05, wspace=0.16, hspace=0.3)
    letters = list(TEXT.replace(" ", "␣"))
    for axes, (step, surprise, shares) in zip(panels.flat, found):
        axes.imshow(shares.numpy(), vmin=0, vmax=1, cmap="Blues")
        axes.set_title(f"step {step}, loss {surprise:.2f}", fontsize=12)
        for set_ticks in (axes.set_xticks, axes.set_yticks):
            set_ticks(range(len(letters)), letters, family="monospace", fontsize=8)
        axes.tick_params(length=0, pad=2)
    return figure


def table(found: list[tuple[int, float, torch.Tensor]]) -> str:
    """Write the table of the page."""
    lines = ["| step | loss on the story | the `o` gives to the `w` |", "|---:|---:|---:|"]
    lines += [f"| {step} | {surprise:.2f} | {m[LOOKS, AT]:.0%} |" for step, surprise, m in found]
    return "\n".join(lines)


def main() -> int:
    """Draw the picture, and print the table."""
    torch.set_num_threads(1)
    found, _ = measure()
    with matplotlib.rc_context({"font.size": 14}):
        draw(found).savefig(PICTURE, metadata={"Software": None})
    print(f"{PICTURE.relative_to(ROOT).as_posix()}\n{table(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
