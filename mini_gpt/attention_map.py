"""Loop 7, the attention map: still borrowed from the reference. Make it yours.

Start with `recipes/07_attention_visualization.md`,
or copy `scaffolds/07_attention_visualization_skeleton.py` over this file.
Then run `python checks/07_attention_visualization_test.py`. To escape, put the line below back.
"""

from scaffolds.reference.attention_map import attention_figure, record_attention, strongest

__all__ = ["record_attention", "strongest", "attention_figure"]
