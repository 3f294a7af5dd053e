"""Switch off one head of the story model after the other: the table in docs/07_*.md.

python tools/ablate_heads.py    trains the story model, and prints the loss without each head
"""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT), str(ROOT / "checks")]

import torch  # noqa: E402

from scaffolds.reference import transformer  # noqa: E402

TEXT = "hello wo"
N_LAYER, N_HEAD = 2, 4


def without(layer: int, head: int) -> Callable:
    """Make a causal_attention in which one head of one layer finds nothing.

    Args:
        layer: from 0, or -1 to leave all heads on.
        head: from 0.
    """
    true, calls = transformer.causal_attention, []

    def attention(q, k, v):
        output, weights = true(q, k, v)
        calls.append(True)
        if (len(calls) - 1) % N_LAYER == layer:
            output = output.clone()
            output[:, head] = 0
        return output, weights

    return attention


@torch.no_grad()
def measure(model, tokenizer, layer: int, head: int) -> tuple[float, float]:
    """Return the loss on the story without a head, and the probability of r after "hello wo"."""
    from tutor.facts.story import story_loss

    true = transformer.causal_attention
    transformer.causal_attention = without(layer, head)
    try:
        ids = torch.tensor([tokenizer.encode(TEXT)])
        share = model(ids)[0, -1].softmax(-1)[tokenizer.encode("r")[0]]
        return story_loss(model, tokenizer), float(share)
    finally:
        transformer.causal_attention = true


def main() -> int:
    """Print the table."""
    from tools.pictures import train_story

    torch.set_num_threads(1)
    model, tokenizer, _ = train_story()
    rows = {"none": (-1, 0)}
    rows |= {f"layer {n // 4 + 1}, head {n % 4 + 1}": divmod(n, 4) for n in range(N_LAYER * N_HEAD)}
    print('| switched off | loss on the story | r after "hello wo" |\n|---|---:|---:|')
    for name, place in rows.items():
        loss, share = measure(model, tokenizer, *place)
        print(f"| {name} | {loss:.3f} | {share:.1%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
