"""A text that is larger takes no more memory."""

import os
import sys

import pytest

from tools.measure_memory import MEGABYTE, measure

pytestmark = pytest.mark.slow

SIZE = int(os.environ.get("MINI_GPT_TEXT_MB", 16))
"""Size of the text in megabytes. A thousand take some minutes."""
ROOM = 100 * MEGABYTE
"""As a list of numbers, 16 million ids alone would take 128 MB."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts memory in another way")
def test_memory_does_not_grow():
    """After a text of 2 MB, a larger one needs hardly any memory more."""
    small, large = measure([2, SIZE])
    assert large - small < ROOM
