"""Switch off one head of the story model after the other: the table in docs/07_*.md.

python tools/ablate_heads.py    trains the story model, and prints the loss without each head
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from mini_gpt.support.looking.ablation import without  # noqa: E402
from mini_gpt.support.looking.captions import Caption, caption  # noqa: E402
from mini_gpt.support.looking.sample import story  # noqa: E402
from tools.pictures import train_story  # noqa: E402

TEXT, NEXT = "hello wo", "r"


@torch.no_grad()
def share_of_next(model, tokenizer) -> float:
    """Return the probability of r after "hello wo"."""
    ids = torch.tensor([tokenizer.encode(TEXT)])
    return float(model(ids)[0, -1].softmax(-1)[tokenizer.encode(NEXT)[0]])


def table(model, tokenizer, captions: list[Caption]) -> str:
    """Write the table of the page.

    Args:
        model: the story model.
        tokenizer: its tokenizer.
        captions: what caption returned for it.
    """
    whole = captions[0].loss - captions[0].rise
    lines = [f'| switched off | loss on the story | {NEXT} after "{TEXT}" |', "|---|---:|---:|"]
    lines.append(f"| none | {whole:.3f} | {share_of_next(model, tokenizer):.1%} |")
    for one in captions:
        with without(model, one.layer - 1, one.head - 1):
            share = share_of_next(model, tokenizer)
        lines.append(f"| {one.name} | {one.loss:.3f} | {share:.1%} |")
    return "\n".join(lines)


def main() -> int:
    """Print the table."""
    torch.set_num_threads(1)
    model, tokenizer, _ = train_story()
    print(table(model, tokenizer, caption(model, story(model, tokenizer))[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
