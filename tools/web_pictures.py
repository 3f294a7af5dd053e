"""Take the pictures of the page in docs/images/, in a browser without a window.

    python tools/web_pictures.py CHROMIUM

CHROMIUM is the browser's program, such as /usr/bin/chromium. Needed besides requirements-web.txt:
pip install playwright. The model is that of the story: it is trained first.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE)]

import torch  # noqa: E402

from mini_gpt.paths import ROOT  # noqa: E402
from mini_gpt.story import SEED, STORY, TRAINING_TEXT  # noqa: E402
from mini_gpt.support.web.serve import prepare, start  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import save_checkpoint, train  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PORT = 7899
LEARNED = "the cat sat on the mat. the dog lay in the fog. the hen ran to the pen. " * 3
PATIENCE = 120_000  # ms


def story_model(folder: Path) -> Path:
    """Train the model of the story, and return its file."""
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(SEED)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    train(model, torch.tensor(tokenizer.encode(TRAINING_TEXT)), seed=SEED)
    save_checkpoint(folder / "model.pt", model, tokenizer)
    return folder / "model.pt"


def wait_for(page, label: str, text: str) -> None:
    """Wait until the box with a label holds a text."""
    box = page.get_by_label(label).first.element_handle()
    page.wait_for_function("([box, text]) => box.value.includes(text)", arg=[box, text])


def take(page, name: str) -> None:
    """Take a picture of the whole page."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / f"09_web_{name}.png", full_page=True)


def pictures(page) -> None:
    """Use the page as a visitor would, and take three pictures."""
    page.get_by_label("Your beginning").first.fill("Once upon")
    page.get_by_role("button", name="Write", exact=True).click()
    wait_for(page, "The text", "<unk>nce upon our pond red hen curled up. hello world. once")
    take(page, "talk")
    page.get_by_role("tab", name="Look inside").click()
    page.get_by_label("Head").last.wait_for()
    page.get_by_role("spinbutton", name="Head").fill("3")
    page.get_by_role("spinbutton", name="Head").press("Enter")
    take(page, "look")
    page.get_by_role("tab", name="Watch it learn").click()
    page.get_by_label("Your text, 65 characters or more").fill(LEARNED)
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for(page, "How far it is", "Step 100 of 200")
    take(page, "learn")


def main() -> None:
    """Open the page and the browser, take the pictures, and close both."""
    prepare()
    from playwright.sync_api import sync_playwright

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start(story_model(Path(folder)), PORT)
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 700})
        page.set_default_timeout(PATIENCE)
        page.goto(server.local_url)
        pictures(page)
        browser.close()
        server.close(verbose=False)


if __name__ == "__main__":
    main()
