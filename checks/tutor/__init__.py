"""What all checks share, in five rooms. Each uses only those that stand before it:

facts/     the words in which a check states what should be true, and what a fact gets to work with
running/   the learner's file as text, as a module, and in a process of its own
slips/     small changes of a file, the likely ones first
finding/   from a failed fact to a line: which change mends it, or is an earlier loop to blame?
telling/   the command, the report, the diary, the repair prompt and the showcase
"""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])

if ROOT not in sys.path:
    sys.path.insert(1, ROOT)  # a check is started as a file in checks/, and needs mini_gpt too
