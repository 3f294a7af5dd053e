"""Loops: whose code each loop is, and what its real check says about it."""

import os
import subprocess
import sys
from collections.abc import Iterator

from mini_gpt.loops import LOOPS, Loop
from mini_gpt.paths import ROOT

NOT_YET = "not checked yet"


def row(loop: Loop, state: str = NOT_YET) -> list[str]:
    """Write the row of a loop."""
    return [f"{loop.number} {loop.title}", "borrowed" if loop.is_borrowed() else "yours", state]


def check(loop: Loop) -> str:
    """Run the check of a loop, as on the command line, and say how it ended.

    If whoever asks goes away, the check is ended.
    """
    process = subprocess.Popen(
        [sys.executable, ROOT / "checks" / f"{loop.stem}_test.py"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )
    try:
        printed, _ = process.communicate()
    finally:
        process.kill()
    return told(process.returncode, printed.splitlines())


def told(status: int, lines: list[str]) -> str:
    """Say in a few words what a check printed: its count, or the first fact that fails."""
    rows = [line.strip() for line in lines if line.strip()]
    if status == 0:
        return f"✅ {rows[-1]}"
    wanted = ("❌", "✏️", "line ", "stopped ", "after ", "one of ", "in ")
    named = [" ".join(text.split()) for text in rows if text.startswith(wanted)]
    return " · ".join(named[:2] or rows[-1:])


def check_all(first: int, last: int) -> Iterator[list[list[str]]]:
    """Run the checks of the loops first to last, and yield the whole table after each."""
    table = [row(loop) for loop in LOOPS]
    for number, loop in enumerate(LOOPS):
        if first <= loop.number <= last:
            table[number] = row(loop, "being checked ...")
            yield table
            table[number] = row(loop, check(loop))
            yield table


def build() -> None:
    """Show the tab."""
    import gradio as gr

    gr.Markdown("A check takes seconds, and some minutes where it looks for a line.")
    with gr.Row():
        last = LOOPS[-1].number
        first = gr.Slider(1, last, 1, step=1, label="From loop")
        until = gr.Slider(1, last, 4, step=1, label="To loop")
    with gr.Row():
        run, stop = gr.Button("Run these checks", variant="primary"), gr.Button("Stop the checks")
    table = gr.Dataframe(
        value=[row(loop) for loop in LOOPS],
        headers=["loop", "whose code", "what its check says"],
        interactive=False,
        wrap=True,
    )
    running = run.click(check_all, [first, until], table, concurrency_limit=1, api_name="checks")
    stop.click(None, cancels=running)
