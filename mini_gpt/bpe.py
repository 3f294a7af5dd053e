"""Loop 6, the BPE tokenizer: still borrowed from the reference. Make it yours.

Start with `recipes/06_bpe_tokenizer.md`,
or copy `scaffolds/06_bpe_tokenizer_skeleton.py` over this file.
Then run `python checks/06_bpe_tokenizer_test.py`. To escape, put the line below back.
"""

from scaffolds.reference.bpe import BPETokenizer

__all__ = ["BPETokenizer"]
