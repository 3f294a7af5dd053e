"""Where something is missing or broken, the page says in a sentence what to do."""

import json

import pytest

from tests.web.conftest import needs, story_model

SEEN = """
import json, sys
from mini_gpt.support.web.serve import prepare
prepare()
from pathlib import Path
from mini_gpt.support.web.page import build
for model in sys.argv[1:]:
    texts = [part.value for part in build(Path(model)).blocks.values() if hasattr(part, "value")]
    print(json.dumps([text for text in texts if isinstance(text, str)]))
"""


def seen(tree, *models):
    """Return the texts that are seen on the pages of these models."""
    result = tree.python("-c", SEEN, *models)
    assert result.returncode == 0, result.stderr
    return ["\n".join(json.loads(line)) for line in result.stdout.splitlines()]


def test_models_that_cannot_be_used(tree):
    """A missing model, a damaged one and one of another transformer: a sentence, and no more"""
    needs("gradio")
    (tree.root / "damaged.pt").write_bytes(b"PK\x03\x04 not all of it")
    story_model(tree.root / "good.pt", steps=1)
    models = [tree.root / name for name in ("model.pt", "damaged.pt", "good.pt")]
    missing, damaged, good = seen(tree, *models)
    assert "There is no model.pt." in missing and "run python -m mini_gpt" in missing
    assert "damaged.pt is damaged, or no checkpoint" in damaged
    for page in (missing, damaged):
        assert "Paste a text of your own" in page and "Traceback" not in page
        assert page.count("Nothing to see here yet") == 3
    assert "Nothing to see here yet" not in good


@pytest.mark.parametrize("case", ["not written", "no Python"])
def test_a_web_py_that_cannot_be_used(tree, case):
    """A web.py that is not written yet, or is no Python, is told; the other tabs are there"""
    needs("gradio")
    story_model(tree.root / "good.pt", steps=1)
    code = (tree.root / "scaffolds" / "09_web_interface_skeleton.py").read_text(encoding="utf-8")
    said = "Not written yet: write build_page in mini_gpt/web.py"
    if case == "no Python":
        code, said = code.replace("def stream(", "def stream((", 1), "web.py:"
    tree.write("web", code)
    (page,) = seen(tree, tree.root / "good.pt")
    assert said in page and "Its check" in page and "Traceback" not in page
    assert "The same beginning, three ways to go on" in page
