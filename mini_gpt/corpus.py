"""Loop 5, larger data: still borrowed from the reference. Make it yours.

Start with `recipes/05_larger_data.md`,
or copy `scaffolds/05_larger_data_skeleton.py` over this file.
Then run `python checks/05_larger_data_test.py`. To escape, put the line below back.
"""

from scaffolds.reference.corpus import (
    evaluate,
    open_ids,
    read_pieces,
    split,
    train_on_book,
    write_ids,
)

__all__ = ["read_pieces", "write_ids", "open_ids", "split", "evaluate", "train_on_book"]
