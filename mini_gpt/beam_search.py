"""Loop 8, the beam search: still borrowed from the reference. Make it yours.

Start with `recipes/08_beam_search.md`,
or copy `scaffolds/08_beam_search_skeleton.py` over this file.
Then run `python checks/08_beam_search_test.py`. To escape, put the line below back.
"""

from scaffolds.reference.beam_search import beam_search, log_probability

__all__ = ["log_probability", "beam_search"]
