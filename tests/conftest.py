"""What the tests share: a fresh copy of the tutorial, in which a test may do what it likes."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from mini_gpt.loops import LOOPS  # noqa: E402
from tools.borrowed import borrowed  # noqa: E402

FOLDERS = ["mini_gpt", "scaffolds", "checks", "recipes", "docs", "tools"]
FILES = ["README.md", "vibes.md"]
# Threads that wait without working leave the other processor to the tests beside this one.
SURROUNDINGS = {"PYTHONIOENCODING": "utf-8", "OMP_WAIT_POLICY": "PASSIVE"}
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pt", ".*", "images")


class Tree:
    """A copy of the tutorial with all modules borrowed, as a learner first finds it.

    Args:
        root: a folder that is not there yet.
    """

    def __init__(self, root: Path):
        self.root = root
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, root / folder, ignore=NOT_COPIED)
        for file in FILES:
            shutil.copy(ROOT / file, root / file)
        for loop in LOOPS:
            self.write(loop.module, borrowed(loop))

    def module(self, name: str) -> Path:
        """Return the file of one of the learner's modules."""
        return self.root / "mini_gpt" / f"{name}.py"

    def write(self, name: str, code: str | bytes) -> None:
        """Make one of the learner's modules hold this code."""
        data = code.encode("utf-8") if isinstance(code, str) else code
        self.module(name).write_bytes(data)

    def take_reference(self) -> None:
        """Copy the reference into the place of all modules, as if the learner wrote it."""
        for loop in LOOPS:
            reference = self.root / "scaffolds" / "reference" / f"{loop.module}.py"
            shutil.copy(reference, self.module(loop.module))

    def python(self, *arguments: object, folder: Path | None = None, **environment: str):
        """Run Python in the copy, or in another folder. Returns its status, output and errors."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=folder or self.root,
            env=os.environ | SURROUNDINGS | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding=environment.get("PYTHONIOENCODING", "utf-8"),
            timeout=300,
        )

    def check(self, stem: str, *arguments: object, **environment: str):
        """Run one of the checks, such as "01_tokenizer"."""
        return self.python(f"checks/{stem}_test.py", *arguments, **environment)


@pytest.fixture
def tree(tmp_path):
    """A fresh copy of the tutorial for one test."""
    return Tree(tmp_path / "tree")


@pytest.fixture(scope="session")
def new_tree(tmp_path_factory):
    """A function that makes fresh copies, for what several tests look at together."""
    return lambda name: Tree(tmp_path_factory.mktemp(name) / "tree")


@pytest.fixture(scope="session")
def side_by_side():
    """A function that does several things at once, and returns what each returned, in order."""

    def run(*actions):
        with ThreadPoolExecutor(max_workers=2) as pool:
            return [future.result() for future in [pool.submit(action) for action in actions]]

    return run


@pytest.fixture(scope="session", autouse=True)
def ctrl_c():
    """Let Ctrl-C reach what the tests start: a shell that starts pytest with & hides it from all"""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Compute with one thread, as the checks do: more make so small a model no faster."""
    import torch

    torch.set_num_threads(1)
