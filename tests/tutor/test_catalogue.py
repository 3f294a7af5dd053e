"""Every slip of the catalogue has a hint, and an example that it really mends."""

import ast
from pathlib import Path

import pytest
from tutor.finding.growth import SLIP as BY_VALUES
from tutor.running.source import Source
from tutor.slips import all_edits
from tutor.slips.catalogue import SLIPS

HEAD = """
import torch
from functools import reduce
from torch import nn

PAD, UNK = 0, 1

def helper(x):
    return x

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.temperature = 1.0

    def load(self, a, g, b, block_size, generator, on_step, unused, model, optimizer):
"""
"""What an example stands in, unless it is a function or class itself: one of everything."""


def framed(code):
    """Return an example as a file, with its first line."""
    head, indent = ("", "") if code.startswith(("def ", "class ", "@")) else (HEAD, 8 * " ")
    text = head + "".join(f"{indent}{line}\n" for line in code.split("\n"))
    return text, head.count("\n") + 1


PLAIN = [slip for slip in SLIPS.values() if slip.name != BY_VALUES]


@pytest.mark.parametrize("slip", PLAIN, ids=lambda slip: slip.name)
def test_example(slip):
    """The slip makes what is right from what is wrong."""
    (before, first), (after, _) = (framed(code) for code in slip.example)
    source = Source(Path("mine.py"), before, ast.parse(before))
    edits = all_edits(source, set(range(first, 99)))
    made = (edit.apply(before) for edit in edits if edit.slip == slip.name)
    assert ast.dump(ast.parse(after)) in map(tree_of, made)
    assert slip.hint


def tree_of(text):
    """Return the tree of a changed text, if it is a program at all."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return ""
