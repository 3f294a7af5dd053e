"""Measure a model in numpy beside the same one in PyTorch: the numbers in docs/benchmarks.md.

python tools/benchmark_numpy.py              tokens per processor second after 500 characters
python tools/benchmark_numpy.py CHECKPOINT   and how long a person waits for the first character

Both take turns, and the best turn counts: what else runs on the machine can only make it longer.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import torch  # noqa: E402

from mini_gpt.support.speaking.export_npz import export  # noqa: E402
from mini_gpt.support.speaking.numpy_gpt import NumpyGPT  # noqa: E402
from scaffolds.reference.kv_cache import KVCache, forward_with_cache  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

CONTEXT, TOKENS, ROUNDS, STARTS = 500, 12, 200, 5
LETTERS = "abcdefghijklm"


def writers(model: MiniGPT) -> dict[str, Callable[[], None]]:
    """Return two functions that write TOKENS tokens after CONTEXT: in PyTorch, and in numpy."""
    with tempfile.TemporaryDirectory() as folder:
        export(Path(folder) / "model.npz", model, CharTokenizer(LETTERS))
        small = NumpyGPT(Path(folder) / "model.npz")
    cache, one = KVCache(model), torch.zeros(1, 1, dtype=torch.int64)
    forward_with_cache(model, one.expand(1, CONTEXT), cache)
    small.forward([0] * CONTEXT)

    def with_torch() -> None:
        cache.length, id = CONTEXT, one
        for _ in range(TOKENS):
            id = forward_with_cache(model, id, cache)[:, -1].argmax(-1, keepdim=True)

    def with_numpy() -> None:
        small.length, id = CONTEXT, 0
        for _ in range(TOKENS):
            id = int(small.forward([id])[-1].argmax())

    return {"PyTorch, cached": with_torch, "numpy": with_numpy}


def rates(functions: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return how many tokens per processor second each function writes, at best."""
    least = dict.fromkeys(functions, float("inf"))
    for _ in range(ROUNDS):
        for name, write in functions.items():
            begin = time.process_time()
            write()
            least[name] = min(least[name], time.process_time() - begin)
    return {name: TOKENS / seconds for name, seconds in least.items()}


def seconds_to_the_first(checkpoint: Path, *options: str) -> float:
    """Return the least time from the command to the first new character, by the clock."""
    command = [sys.executable, "-m", "mini_gpt", "generate", "A", "--model", checkpoint, *options]
    times = []
    for _ in range(STARTS):
        begin = time.monotonic()
        with subprocess.Popen(
            list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            process.stdout.read(2)  # the prompt, and one character
            times.append(time.monotonic() - begin)
            process.kill()
    return min(times)


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, rate in rates(writers(MiniGPT(vocab_size=16).eval())).items():
            print(f"{name:16} {rate:8,.0f} tokens per processor second after {CONTEXT} characters")
    if sys.argv[1:]:
        for options in ([], ["--numpy"]):
            seconds = seconds_to_the_first(Path(sys.argv[1]).resolve(), *options)
            print(
                f"{' '.join(options) or 'with PyTorch':16} {seconds:.2f} s to the first character"
            )


if __name__ == "__main__":
    main()
