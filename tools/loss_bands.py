"""Measure what is normal: the data behind "is my loss normal?" (mini_gpt/support/verdict.py).

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
import json
import multiprocessing
import sys
import time
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mini_gpt.support.evidence import Evidence, gather  # noqa: E402
from mini_gpt.support.fused import is_same  # noqa: E402
from mini_gpt.support.training import LOOKED_AT, Options, Training  # noqa: E402
from mini_gpt.support.verdict import BAND, judge  # noqa: E402
from scaffolds.reference.corpus import split  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402
from tools.planted_faults import FAULTS, Case  # noqa: E402

SEEDS = 20
WIDER = 0.5
"""The band reaches so many times its own width further on both sides."""


def texts_of(book: str) -> dict[str, str]:
    """Return texts that differ: English, programs, and parts of the book."""
    import pydoc_data.topics
    import turtle
    import typing

    pages = [*sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("recipes/*.md"))]
    return {
        "pages of the tutorial": "\n\n".join(page.read_text(encoding="utf-8") for page in pages),
        "Python's manual": "\n".join(pydoc_data.topics.topics.values()),
        "a program, turtle": inspect.getsource(turtle),
        "two programs": inspect.getsource(typing) + inspect.getsource(argparse),
        "100,000 characters": book[300_000:400_000],
        "30,000 characters": book[600_000:630_000],
        "the book in capitals": book[:500_000].upper(),
        "the book read backward": book[:500_000][::-1],
        "no spaces": "".join(book[:600_000].split()),
        "PyTorch's linear layers": inspect.getsource(torch.nn.functional),
    }


def jobs_for(steps: int) -> list[dict]:
    """List what is to be trained, what matters most first."""
    short = max(steps // 4, 1)
    band = [{"kind": "band", "seed": seed, "steps": steps} for seed in range(SEEDS)]
    faults = [
        {"kind": "fault", "name": n, "seed": 50, "steps": steps, "stop": short} for n in FAULTS
    ]
    texts = [
        {"kind": "text", "name": name, "seed": seed, "steps": short}
        for seed in (60, 61)
        for name in texts_of("")
    ]
    others = [{"kind": "healthy", "seed": seed, "steps": steps} for seed in range(100, 110)]
    shorter = [{"kind": "healthy", "seed": seed, "steps": short} for seed in range(110, 120)]
    return band + faults + texts + others + shorter


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
    options = Options(steps=job["steps"], eval_every=max(job["steps"] // 8, 1), seed=job["seed"])
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
    while training.step < job.get("stop", job["steps"]):
        losses.append(training.learn(case.train_ids))
        training.step += 1
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
    jobs = jobs_for(options.steps)[options.first :: options.every]
    tasks = [(number, job, book, options.out) for number, job in enumerate(jobs)]
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(options.processes, maxtasksperchild=1) as pool:
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
            room = WIDER * (high - low)
            limits += [round(low - room, 4), round(high + room, 4)]
        looks[str(same_step[0][0])] = limits
    return looks


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
    }
    BAND.write_text(json.dumps(band, indent=1) + "\n", encoding="utf-8")


def judge_all(options: argparse.Namespace) -> None:
    """Print how many healthy trainings are called normal, and how many faults are seen."""
    band = json.loads(BAND.read_text(encoding="utf-8"))
    counts: dict[str, list[bool]] = {}
    for result in read(options.folder):
        seen = Evidence(**result["evidence"])
        found = judge(seen, None if result["kind"] == "text" else band)
        wanted = bool(found) == (result["kind"] == "fault")
        counts.setdefault(result["kind"], []).append(wanted)
        if not wanted or result["kind"] == "fault":
            print(f"{'' if wanted else 'WRONG '}{result.get('name', result['seed'])}: {found[:1]}")
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
    training.add_argument("--first", type=int, default=0, help="begin with this job")
    training.add_argument("--every", type=int, default=1, help="only each so-manieth job")
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
