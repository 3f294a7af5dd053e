"""One server for all tests here: the page of a learner whose stream writes down what it does."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from mini_gpt.story import STORY
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import save_checkpoint, train
from scaffolds.reference.transformer import MiniGPT
from tests.conftest import ROOT, SURROUNDINGS

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 120
"""Seconds: so long a slow and busy machine may take for anything."""
COUNTED = """
        with open("tokens.txt", "a", encoding="utf-8") as file:
            file.write(".")
"""
SECRET = "the secret of this test"


def needs(package: str) -> None:
    """Skip what cannot run without a package."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install -r requirements-dev.txt")


@dataclass
class Server:
    """A page that is open."""

    address: str
    root: Path
    """The folder of the tutorial that it belongs to."""
    model: Path

    @property
    def tokens(self) -> int:
        """How many tokens the streams have made so far."""
        file = self.root / "tokens.txt"
        return len(file.read_text(encoding="utf-8")) if file.exists() else 0

    def settled(self) -> int:
        """Wait until no more tokens are made, and return how many there are."""
        end, last = time.monotonic() + PATIENCE, -1
        while last != (last := self.tokens) and time.monotonic() < end:
            time.sleep(1.5)
        return last


def story_model(path: Path, steps: int = 30) -> Path:
    """Train a model of the story a little, and save it."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(11)
    model = MiniGPT(vocab_size=tokenizer.vocab_size, n_embd=32, block_size=64)
    train(model, torch.tensor(tokenizer.encode(STORY * 4)), steps=steps, seed=11)
    save_checkpoint(path, model, tokenizer)
    return path


def opened(tree, model: Path) -> tuple[subprocess.Popen, str]:
    """Open the page of a copy of the tutorial, and wait until it is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-u", "-m", "mini_gpt", "web", "--no-browser"]
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port), "--model", str(model)],
        cwd=tree.root,
        env=os.environ | SURROUNDINGS | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    heard = []
    for line in process.stdout:
        heard.append(line)
        if "Your page: " in line:
            return process, line.split()[2].rstrip("/")
    raise AssertionError("".join(heard))


def close(process: subprocess.Popen) -> None:
    """Close a page, and what it has started."""
    process.kill()
    process.stdout.close()
    process.wait()


@pytest.fixture(scope="package")
def server(new_tree):
    """A page with the learner's own web.py, which counts the tokens of its streams."""
    needs("gradio")
    tree = new_tree("web")
    code = (ROOT / "scaffolds" / "reference" / "web.py").read_text(encoding="utf-8")
    place = "        # Read the whole text anew"
    assert code.count(place) == 1
    tree.write("web", code.replace(place, COUNTED.lstrip("\n") + place))
    (tree.root / "secret.txt").write_text(SECRET, encoding="utf-8")
    model = story_model(tree.root / "story.pt")
    process, address = opened(tree, model)
    yield Server(address, tree.root, model)
    close(process)


@pytest.fixture(scope="package")
def browser():
    """A browser without a window."""
    needs("playwright")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(server, browser):
    """The page in a fresh tab."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    context.set_default_timeout(PATIENCE * 1000)
    tab = context.new_page()
    tab.goto(server.address)
    tab.get_by_role("button", name="Write", exact=True).wait_for()
    yield tab
    context.close()
