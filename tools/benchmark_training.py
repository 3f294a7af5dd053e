"""Measure training on a book against nanoGPT's own recipe for processors.

python tools/benchmark_training.py BOOK --peer FOLDER --processes 2

BOOK is tiny Shakespeare, FOLDER holds nanoGPT's model.py. Its recipe: 4 layers, 4 heads, 128 wide,
windows of 64, batches of 12, 2,000 steps of AdamW. All times are processor time of one thread,
and only of the steps: not of looking at the unseen text.
"""

import argparse
import json
import math
import multiprocessing
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

from mini_gpt.support.training import Options, Training  # noqa: E402
from scaffolds.reference.corpus import draw_batch, evaluate, split  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.benchmark_cache import peer_module  # noqa: E402

SIZES = {"n_embd": 128, "n_head": 4, "n_layer": 4, "block_size": 64}
PEER_STEPS, PEER_BATCH = 2000, 12
RUNS = [
    {"steps": 350, "batch_size": 12},
    {"steps": 450, "batch_size": 12},
    {"steps": 1500, "batch_size": 12},
    {"steps": 1800, "batch_size": 12},
    {"steps": 900, "batch_size": 24},
    {"steps": 650, "batch_size": 32},
    {"steps": 1800, "batch_size": 12, "optimizer": "adamw"},
]


class Logits(nn.Module):
    """nanoGPT's model, giving the logits of all places, as evaluate wants them."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Map ids (B, T) to logits (B, T, V)."""
        return self.model(ids, ids.contiguous())[0]


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


class Ours:
    """Our recipe, as python -m mini_gpt train uses it, for the same sizes.

    Args:
        tokenizer: the tokenizer of the ids.
        options: as of Options.
    """

    def __init__(self, tokenizer: CharTokenizer, options: dict):
        self.model = MiniGPT(vocab_size=tokenizer.vocab_size, **SIZES)
        self.training = Training(self.model, tokenizer, Options(**options))

    def learn(self, ids: np.ndarray) -> float:
        """Take a step."""
        loss = self.training.learn(ids)
        self.training.step += 1
        return loss


def read(book: Path) -> tuple:
    """Return the tokenizer of a book, and both parts of its ids."""
    text = book.read_text(encoding="utf-8")
    tokenizer = CharTokenizer("".join(dict.fromkeys(text)))
    return tokenizer, *split(np.array(tokenizer.encode(text), dtype="<u2"))


def make(options: dict | None, tokenizer: CharTokenizer, folder: Path) -> Peer | Ours:
    """Make ours with these options, or the peer without any."""
    torch.manual_seed(0)
    return Ours(tokenizer, options) if options else Peer(folder, tokenizer.vocab_size)


def train(task: tuple[dict | None, Path, Path]) -> dict:
    """Take all steps of a recipe. Returns how long they took, and the loss on unseen text."""
    options, book, folder = task
    torch.set_num_threads(1)
    tokenizer, train_ids, val_ids = read(book)
    recipe = make(options, tokenizer, folder)
    start = time.process_time()
    for _ in range(options["steps"] if options else PEER_STEPS):
        recipe.learn(train_ids)
    seconds = time.process_time() - start
    model = recipe.model if options else Logits(recipe.model)
    return {
        "recipe": options or "nanoGPT",
        "seconds": seconds,
        "val_loss": evaluate(model, val_ids, 64),
    }


def rates(book: Path, folder: Path, rounds: int = 100) -> dict:
    """Return the tokens per second of both, with the same batch and AdamW, step by step."""
    torch.set_num_threads(1)
    tokenizer, train_ids, _ = read(book)
    options = {"steps": PEER_STEPS, "batch_size": PEER_BATCH, "optimizer": "adamw"}
    both: dict[str, Callable] = {
        "nanoGPT": make(None, tokenizer, folder).learn,
        "ours": make(options, tokenizer, folder).learn,
    }
    times: dict[str, list[float]] = {name: [] for name in both}
    for _ in range(rounds):
        for name, learn in both.items():
            start = time.process_time()
            learn(train_ids)
            times[name].append(time.process_time() - start)
    tokens = PEER_BATCH * SIZES["block_size"]
    return {name: tokens / sorted(taken)[rounds // 2] for name, taken in times.items()}


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("book", type=Path)
    parser.add_argument("--peer", type=Path, required=True, help="a folder with model.py")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, help="keep each result here, one a line")
    options = parser.parse_args()
    tasks = [(recipe, options.book, options.peer) for recipe in (None, *RUNS)]
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        speed = pool.apply_async(rates, (options.book, options.peer))
        for result in pool.imap_unordered(train, tasks, chunksize=1):
            keep(result, options.out)
        keep({"tokens per second": speed.get()}, options.out)


def keep(result: dict, out: Path | None) -> None:
    """Print a result, and add it to a file."""
    line = json.dumps(result)
    print(line, flush=True)
    if out:
        with out.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
