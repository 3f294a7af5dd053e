"""Kill a training again and again at random moments: `python tools/kill_often.py 200`.

After each kill, the checkpoint must be readable, and the next training goes on from it. Trainings
are forked from this process, so that each has begun at once. (Windows cannot fork.)
"""

import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import torch  # noqa: E402

from mini_gpt.support import checkpoint  # noqa: E402
from mini_gpt.support.training.progress import Progress  # noqa: E402
from mini_gpt.support.training.training import Options, Training, resume  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

STEPS = 1_000_000


def begin(file: Path) -> None:
    """Write the first checkpoint of a small training that looks after each step."""
    tokenizer = CharTokenizer("abcdefgh")
    torch.manual_seed(0)
    model = MiniGPT(tokenizer.vocab_size, 32, 2, 1, block_size=8)
    options = Options(steps=STEPS, eval_every=1, batch_size=2)
    checkpoint.save(file, Training(model, tokenizer, options).state())


def go_on(file: Path) -> None:
    """Go on with the training, until somebody kills it."""
    torch.set_num_threads(1)
    training = resume(checkpoint.load_training(file), None, "cpu")
    training.sample = lambda ids: ""  # a sample takes longer than all else
    ids = torch.arange(3, 11).repeat(20)
    progress = Progress(file.with_name("log.txt"), STEPS, training.step, aloud=False)
    training.run(ids, ids[:20], file, progress)


def kill_often(times: int, longest: float = 0.1) -> list[int]:
    """Kill a training so many times. Returns the step of the checkpoint after each.

    Args:
        times: how many kills.
        longest: the most seconds from its first checkpoint to its kill.

    Raises:
        Refusal: a checkpoint could not be read.
    """
    draw, fork = random.Random(0), multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        file, steps = Path(folder) / "checkpoint.pt", []
        begin(file)
        for _ in range(times):
            process = fork.Process(target=go_on, args=(file,))
            before = file.stat().st_mtime_ns
            process.start()
            while file.stat().st_mtime_ns == before and process.is_alive():
                time.sleep(0.001)  # until it has got to work
            time.sleep(draw.uniform(0, longest))
            process.kill()
            process.join()
            steps.append(checkpoint.load_training(file)["step"])
    return steps


if __name__ == "__main__":
    reached = kill_often(int(sys.argv[1]) if sys.argv[1:] else 200)
    print(f"{len(reached)} kills, none lost a checkpoint; the last one was at step {reached[-1]:,}")
