"""Measure what the KV cache saves: the tables in docs/benchmarks.md.

python tools/benchmark_cache.py                     tokens per processor second, plain and cached
python tools/benchmark_cache.py --peer FOLDER       and a copy of nanoGPT (its model.py) beside it

Times are processor time on one thread, and the shortest of many: what else runs on the machine
can only make them longer.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from scaffolds.reference.kv_cache import (  # noqa: E402
    KVCache,
    forward_with_cache,
    generate_cached,
)
from scaffolds.reference.sampler import generate  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

SIZES = {"vocab_size": 16, "n_embd": 64, "n_head": 4, "n_layer": 2, "block_size": 512}
CONTEXTS = (1, 10, 25, 50, 100, 200, 300, 400, 500)
TOKENS = 12  # as many fit behind the longest context
ROUNDS = 10
Next = Callable[[Tensor], Tensor]  # from all ids to the logits of the last one


def plain(model: nn.Module) -> Next:
    """Make a function that calculates the whole text each time."""
    return lambda ids: model(ids)[:, -1]


def cached(model: nn.Module) -> Next:
    """Make a function that calculates what is new in the text."""
    cache = KVCache(model)
    return lambda ids: forward_with_cache(model, ids[:, cache.length :], cache)[:, -1]


@torch.no_grad()
def seconds_per_token(make: Callable[[], Next], context: int) -> float:
    """Tell how long a token takes that follows a text, in processor seconds: the shortest.

    Args:
        make: makes the function that scores the next token, anew for each round.
        context: how many tokens the text has.
    """
    times = []
    for _ in range(ROUNDS):
        score = make()
        ids = torch.randint(16, (1, context), generator=torch.Generator().manual_seed(context))
        score(ids[:, :-1]) if context > 1 else None
        for _ in range(TOKENS):
            begin = time.process_time()
            ids = torch.cat([ids, score(ids).argmax(-1, keepdim=True)], dim=1)
            times.append(time.process_time() - begin)
    return min(times)


def rate_of(write: Callable[[], Tensor], tokens: int, rounds: int = 3) -> float:
    """Tell how many tokens per processor second a whole text was written with: the best."""
    rates = []
    for _ in range(rounds):
        begin = time.process_time()
        write()
        rates.append(tokens / (time.process_time() - begin))
    return max(rates)


def peer_module(folder: Path):
    """Import nanoGPT's model.py from a folder."""
    spec = importlib.util.spec_from_file_location("peer", folder / "model.py")
    module = sys.modules["peer"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def peer_model(folder: Path) -> nn.Module:
    """Make nanoGPT's model in the same size, from a folder with its model.py."""
    module = peer_module(folder)
    return module.GPT(module.GPTConfig(**SIZES, dropout=0.0, bias=True)).eval()


def state_bytes(model: nn.Module) -> int:
    """Tell how many bytes one token takes in the cache."""
    cache = KVCache(model)
    forward_with_cache(model, torch.zeros(1, 1, dtype=torch.int64), cache)
    room = model.config["block_size"]
    return sum(layer.numel() * layer.element_size() for layer in cache.layers) // room


def main(arguments: list[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="benchmark_cache.py", description="See what is saved.")
    parser.add_argument("--peer", type=Path, metavar="FOLDER", help="a folder with nanoGPT")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = MiniGPT(**SIZES).eval()
    print("| characters before | plain | cached | times |\n|---:|---:|---:|---:|")
    for context in CONTEXTS:
        pair = [seconds_per_token(lambda: how(model), context) for how in (plain, cached)]  # noqa: B023
        rates = [1 / seconds for seconds in pair]
        print(f"| {context} | {rates[0]:,.0f} | {rates[1]:,.0f} | {rates[1] / rates[0]:.1f} |")
    one, long = torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 495, dtype=torch.int64)
    writers = {"generate": generate, "generate_cached": generate_cached}
    rows = {
        name: (lambda ids, n, how=how: how(model, ids, n, temperature=0.8))
        for name, how in writers.items()
    }
    if options.peer:
        peer = torch.no_grad()(peer_model(options.peer).generate)
        rows["nanoGPT's generate"] = lambda ids, n: peer(ids, n, temperature=0.8)
    print(
        "\n| written by | 500 characters, from 1 on | 16 characters, from 495 on |\n|---|---:|---:|"
    )
    for name, write in rows.items():
        whole = rate_of(lambda: write(one, 500), 500)  # noqa: B023
        end = rate_of(lambda: write(long, 16), 16)  # noqa: B023
        print(f"| {name} | {whole:,.0f} | {end:,.0f} |")
    print(f"\nThe cache takes {state_bytes(model):,} bytes for each token.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
