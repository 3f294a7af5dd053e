"""Measure how fast the page of loop 9 answers, beside the terminal: python tools/benchmark_web.py.

Both write 400 characters with the model in model.pt, in turns, and the median of five counts. The
page is asked as a browser asks it. `python -m mini_gpt` makes model.pt.
"""

import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TURNS, LENGTH, PROMPT = 5, 400, "once upon"
COMMAND = [sys.executable, "-u", "-m", "mini_gpt"]


def open_page(port: int) -> tuple[subprocess.Popen, str, float]:
    """Open the page. Returns its process, its address, and the seconds that it took."""
    start = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "web", "--no-browser", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    for line in process.stdout:
        if found := re.search(r"Your page: (\S+)", line):
            return process, found[1], time.monotonic() - start
    raise SystemExit("The page did not open: run python -m mini_gpt web to see why.")


def ask_page(client) -> tuple[float, float]:
    """Return the seconds until the page shows the first new character, and characters a second."""
    start = time.monotonic()
    job = client.submit(PROMPT, LENGTH, api_name="/talk")
    times = [time.monotonic() for _ in job]
    return times[0] - start, (LENGTH - 1) / (times[-1] - times[0])


def ask_terminal() -> float:
    """Return the characters a second that chat writes in a terminal."""
    process = subprocess.Popen(
        [*COMMAND, "chat", "--length", str(LENGTH), "--seed", "0"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with process:
        process.stdin.write(PROMPT + "\n")
        process.stdin.close()
        while process.stdout.read(1) != ">":  # what stands before it is no answer
            pass
        process.stdout.read(1)
        times = [time.monotonic() for _ in iter(lambda: process.stdout.read(1), "\n")]
    return (len(times) - 1) / (times[-1] - times[0])


def main() -> None:
    """Measure, and print the table."""
    from gradio_client import Client

    process, address, opening = open_page(7_873)
    try:
        client = Client(address, verbose=False)
        ask_page(client)  # whatever happens only once
        turns = [(*ask_page(client), ask_terminal()) for _ in range(TURNS)]
    finally:
        process.kill()
    first, page, terminal = map(statistics.median, zip(*turns))
    print(f"the page opens after {opening:.1f} s, the first character comes after {first:.2f} s")
    print(f"characters a second: page {page:.0f}, chat in the terminal {terminal:.0f}")


if __name__ == "__main__":
    main()
