"""Measure training on a book against nanoGPT's own recipe for processors.

python tools/benchmark_training.py BOOK --peer FOLDER

BOOK is tiny Shakespeare, FOLDER holds nanoGPT's model.py. Its recipe: 4 layers, 4 heads, 128 wide,
windows of 64, batches of 12, 2,000 steps of AdamW. Times are processor time of one thread, the
median of many steps. The recipes take turns, so that what else runs on the machine slows all alike.
"""

import argparse
import math
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mini_gpt.support.modern_gpt import ModernGPT  # noqa: E402
from mini_gpt.support.training.command import WINDOWS  # noqa: E402
from mini_gpt.support.training.training import Options, Training  # noqa: E402
from scaffolds.reference.corpus import draw_batch  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.benchmark_cache import peer_module  # noqa: E402

SIZES = {"n_embd": 128, "n_head": 4, "n_layer": 4, "block_size": 64}
PEER_STEPS, PEER_BATCH = 2000, 12
PEER_CHARACTERS = PEER_BATCH * SIZES["block_size"]
MODERN_BATCH, MODERN_LENGTH = (sizes[True] for sizes in WINDOWS.values())
CHARACTERS = MODERN_BATCH * MODERN_LENGTH
"""Ours as it comes, and with --modern, learn from so many characters in a step."""
ADAMW = {"optimizer": "adamw", "batch_size": PEER_BATCH}


class Peer:
    """nanoGPT's recipe: its model, its groups of AdamW, its cosine, its clipping.

    Args:
        folder: where model.py is.
        vocab_size: how many ids there are.
    """

    def __init__(self, folder: Path, vocab_size: int):
        module = peer_module(folder)
        config = module.GPTConfig(**SIZES, vocab_size=vocab_size, dropout=0.0, bias=False)
        self.model = module.GPT(config)
        self.optimizer = self.model.configure_optimizers(0.1, 1e-3, (0.9, 0.99), "cpu")
        self.generator, self.step = torch.Generator().manual_seed(0), 0

    def rate(self) -> float:
        """Warm up for 100 steps, then follow a cosine down to a tenth."""
        if self.step < 100:
            return 1e-3 * (self.step + 1) / 101
        share = (self.step - 100) / (PEER_STEPS - 100)
        return 1e-4 + 0.5 * (1 + math.cos(math.pi * share)) * 9e-4

    def learn(self, ids: np.ndarray) -> float:
        """Take a step, as nanoGPT's train.py does."""
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        x, y = draw_batch(ids, PEER_BATCH, SIZES["block_size"], self.generator)
        loss = self.model(x, y.contiguous())[1]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return loss.item()


def ours(tokenizer: CharTokenizer, sizes: dict, options: dict) -> Training:
    """Make our training, as python -m mini_gpt train does it."""
    return Training(MiniGPT(tokenizer.vocab_size, **sizes), tokenizer, Options(**options))


def modern(tokenizer: CharTokenizer, short: float) -> Training:
    """Make the training of --modern, with windows that are short in this share of all steps."""
    model = ModernGPT(tokenizer.vocab_size, block_size=MODERN_LENGTH)
    return Training(model, tokenizer, Options(batch_size=MODERN_BATCH, short=short))


def seconds_per_step(recipes: dict, ids: np.ndarray, rounds: int) -> dict[str, float]:
    """Let all recipes take turns. Returns how long a step of each takes: the median."""
    times: dict[str, list[float]] = {name: [] for name in recipes}
    for _ in range(rounds):
        for name, recipe in recipes.items():
            start = time.process_time()
            recipe.learn(ids)
            times[name].append(time.process_time() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    """Read the command line, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--peer", type=Path, required=True, help="a folder with model.py")
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    text = options.book.read_text(encoding="utf-8")
    tokenizer = CharTokenizer(text)
    ids = np.array(tokenizer.encode(text), dtype="<u2")
    recipes = {
        "nanoGPT": Peer(options.peer, tokenizer.vocab_size),
        "ours, the same sizes and AdamW": ours(tokenizer, SIZES, ADAMW),
        "ours, the same sizes and Muon": ours(tokenizer, SIZES, {"batch_size": PEER_BATCH}),
        "ours as it comes": ours(tokenizer, {"block_size": 64}, {}),
        "ours with --n-embd 96": ours(tokenizer, {"block_size": 64, "n_embd": 96}, {}),
        "ours with --modern, short windows": modern(tokenizer, short=1),
        "ours with --modern, long windows": modern(tokenizer, short=0),
    }
    seconds = seconds_per_step(recipes, ids, options.rounds)
    print("| | ms a step | characters a second | steps in nanoGPT's time |")
    print("|---|---:|---:|---:|")
    for name, taken in seconds.items():
        size = PEER_CHARACTERS if "same sizes" in name or name == "nanoGPT" else CHARACTERS
        rate, fit = size / taken, PEER_STEPS * seconds["nanoGPT"] / taken
        print(f"| {name} | {1000 * taken:.1f} | {rate:,.0f} | {fit:,.0f} |")


if __name__ == "__main__":
    main()
