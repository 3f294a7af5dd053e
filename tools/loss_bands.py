"""Measure what is normal: the data behind "is my loss normal?" (training/verdict.py in support).

python tools/loss_bands.py run BOOK --out FOLDER --processes 16    train, and write what was seen
python tools/loss_bands.py write FOLDER                            make the band of 20 seeds from it
python tools/loss_bands.py judge FOLDER                            how often the verdict is right

BOOK is tiny Shakespeare. The other texts are pages and programs that come with this repository and
with Python. Each training leaves one file in the folder, so that what is there can be judged again.
"""

import argparse
import contextlib
import hashlib
import inspect
import itertools
import json
import multiprocessing
import statistics
import sys
import time
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mini_gpt.support.training.evidence import Evidence, gather  # noqa: E402
from mini_gpt.support.training.fused import is_same  # noqa: E402
from mini_gpt.support.training.training import LOOKED_AT, Options, Training  # noqa: E402
from mini_gpt.support.training.verdict import BAND, judge  # noqa: E402
from scaffolds.reference.corpus import split  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.planted_faults import FAULTS, Case  # noqa: E402

SEEDS = 20
KINDS = ("band", "fault", "text", "healthy")
LEAST_ROOM = 0.05
"""The band reaches its own width further on both sides, and at least so many nats."""


def texts_of(book: str) -> dict[str, str]:
    """Return texts that differ: English, programs, and parts of the book."""
    import pydoc_data.topics
    import typing
    import zipfile

    pages = [*sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("recipes/*.md"))]
    return {
        "pages of the tutorial": "\n\n".join(page.read_text(encoding="utf-8") for page in pages),
        "Python's manual": "\n".join(pydoc_data.topics.topics.values()),
        "a program, zipfile": inspect.getsource(zipfile),
        "two programs": inspect.getsource(typing) + inspect.getsource(argparse),
        "100,000 characters": book[300_000:400_000],
        "30,000 characters": book[600_000:630_000],
        "the book in capitals": book[:500_000].upper(),
        "the book read backward": book[:500_000][::-1],
        "no spaces": "".join(book[:600_000].split()),
        "PyTorch's linear layers": inspect.getsource(torch.nn.functional),
    }


def jobs_for(kinds: list[str]) -> list[dict]:
    """List what is to be trained: one of each kind in turn, so that a part tells of all."""
    jobs = {
        "band": [{"kind": "band", "seed": seed} for seed in range(SEEDS)],
        "fault": [{"kind": "fault", "name": name, "seed": 50} for name in FAULTS],
        "text": [{"kind": "text", "name": name, "seed": 60} for name in texts_of("")],
        "healthy": [{"kind": "healthy", "seed": seed} for seed in range(100, 110)],
    }
    rows = itertools.zip_longest(*(jobs[kind] for kind in kinds))
    return [job for row in rows for job in row if job]


def prepared(text: str) -> tuple:
    """Return the tokenizer of a text, and its ids."""
    tokenizer = CharTokenizer("".join(dict.fromkeys(text)))
    return tokenizer, np.array(tokenizer.encode(text), dtype="<u2")


def case_of(job: dict, book: str) -> Case:
    """Make the training of a job, with its fault planted."""
    text = texts_of(book)[job["name"]] if job["kind"] == "text" else book
    tokenizer, ids = prepared(text)
    torch.manual_seed(job["seed"])
    model = MiniGPT(vocab_size=tokenizer.vocab_size, block_size=64)
    options = Options(**{name: job[name] for name in ("steps", "batch_size", "seed", "eval_every")})
    case = Case(Training(model, tokenizer, options), *split(ids))
    if job["kind"] == "fault":
        FAULTS[job["name"]](case)
        case.training.fused = is_same(model)
    return case


def work(task: tuple[int, dict, str, Path]) -> str:
    """Train one job, and write what was seen."""
    number, job, book, out = task
    torch.set_num_threads(1)
    start, case = time.process_time(), case_of(job, book)
    training, losses = case.training, []
    while training.step < job["steps"]:
        losses.append(training.learn(case.train_ids))
        if training.step % training.options.eval_every == 0 or training.step == job["steps"]:
            training.look(sum(losses) / len(losses), case.val_ids)
            losses = []
    seen = gather(training, case.train_ids, case.val_ids[:LOOKED_AT])
    seconds = time.process_time() - start
    result = job | {"seconds": seconds, "evidence": asdict(seen)}
    (out / f"{number:03}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return f"{job} {seconds:.0f} s"


def run(options: argparse.Namespace) -> None:
    """Train all jobs, in several processes."""
    book = options.book.read_text(encoding="utf-8")
    options.out.mkdir(parents=True, exist_ok=True)
    how = {name: getattr(options, name) for name in ("steps", "batch_size", "eval_every")}
    jobs = [job | how for job in jobs_for(options.kinds)]
    tasks = [(number, job, book, options.out) for number, job in enumerate(jobs)]
    with multiprocessing.Pool(options.processes, maxtasksperchild=1) as pool:
        results = pool.imap_unordered(work, tasks, chunksize=1)
        deadline = time.monotonic() + options.seconds
        with contextlib.suppress(multiprocessing.TimeoutError):
            for _ in tasks:
                print(results.next(max(0, deadline - time.monotonic())), flush=True)
        pool.terminate()


def read(folder: Path) -> list[dict]:
    """Return what was seen in all trainings."""
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))]


def band_of(results: list[dict]) -> dict[str, list[float]]:
    """Return the limits at each look: the lowest and highest of both losses, widened."""
    histories = [r["evidence"]["history"] for r in results if r["kind"] == "band"]
    looks = {}
    for same_step in zip(*histories):
        limits = []
        for losses in list(zip(*same_step))[1:]:
            low, high = min(losses), max(losses)
            room = max(high - low, LEAST_ROOM)
            limits += [round(low - room, 4), round(high + room, 4)]
        looks[str(same_step[0][0])] = limits
    return looks


def unseen_of(results: list[dict]) -> dict[str, list[float]]:
    """Return what was measured on unseen text at each look: lowest, mean and highest."""
    histories = [r["evidence"]["history"] for r in results if r["kind"] == "band"]
    table = {}
    for same_step in zip(*histories):
        losses = [loss for _, _, loss in same_step]
        numbers = (min(losses), statistics.mean(losses), max(losses))
        table[str(same_step[0][0])] = [round(number, 4) for number in numbers]
    return table


def write(options: argparse.Namespace) -> None:
    """Write the band of a folder where the verdict reads it."""
    results = read(options.folder)
    book = options.book.read_text(encoding="utf-8")
    tokenizer, ids = prepared(book)
    steps = next(r["steps"] for r in results if r["kind"] == "band")
    kept = asdict(Options())
    band = {
        "ids": len(ids),
        "ids_sha256": hashlib.sha256(ids.tobytes()).hexdigest(),
        "config": MiniGPT(vocab_size=tokenizer.vocab_size, block_size=64).config,
        "options": {k: kept[k] for k in ("batch_size", "optimizer", "learning_rate")},
        "steps": steps,
        "seeds": sum(r["kind"] == "band" for r in results),
        "looks": band_of(results),
        "unseen": unseen_of(results),
    }
    BAND.write_text(json.dumps(band, indent=1) + "\n", encoding="utf-8")


def band_without(result: dict, results: list[dict], band: dict) -> dict | None:
    """Return the band to judge a training by. It was never made with this training itself."""
    if result["kind"] == "text" or result.get("batch_size", 32) != band["options"]["batch_size"]:
        return None
    return band | {"looks": band_of([other for other in results if other is not result])}


def judge_all(options: argparse.Namespace) -> None:
    """Print how many healthy trainings are called normal, and how many faults are seen."""
    band = json.loads(BAND.read_text(encoding="utf-8"))
    results, counts = read(options.folder), {}
    for result in results:
        seen = Evidence(**result["evidence"])
        found = judge(seen, band_without(result, results, band))
        is_right = bool(found) == (result["kind"] == "fault")
        counts.setdefault(result["kind"], []).append(is_right)
        mark = "  " if is_right else "? "
        print(f"{mark}{result['kind']} {result.get('name', result['seed'])}: {' '.join(found[:1])}")
    for kind, right in counts.items():
        print(f"{kind}: {sum(right)} of {len(right)} right")


def main() -> None:
    """Read the command line, and do it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("run")
    training.add_argument("book", type=Path)
    training.add_argument("--out", type=Path, required=True)
    training.add_argument("--processes", type=int, default=2)
    training.add_argument("--steps", type=int, default=Options.steps)
    training.add_argument("--seconds", type=float, default=1e6, help="stop after so long")
    training.add_argument("--batch-size", type=int, default=Options.batch_size)
    training.add_argument("--eval-every", type=int, default=Options.eval_every)
    training.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    training.set_defaults(do=run)
    writing = commands.add_parser("write")
    writing.add_argument("folder", type=Path)
    writing.add_argument("book", type=Path)
    writing.set_defaults(do=write)
    judging = commands.add_parser("judge")
    judging.add_argument("folder", type=Path)
    judging.set_defaults(do=judge_all)
    options = parser.parse_args()
    options.do(options)


if __name__ == "__main__":
    main()
