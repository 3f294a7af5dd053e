"""A training that is killed at any moment leaves a whole checkpoint."""

import sys

import pytest

from tools.kill_often import kill_often

pytestmark = pytest.mark.slow


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_kills():
    """After each kill, the checkpoint is readable, and the next training goes on from it."""
    steps = kill_often(8)
    assert all(earlier < later for earlier, later in zip([0, *steps], steps))
