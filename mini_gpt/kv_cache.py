"""Loop 10, the KV cache: still borrowed from the reference. Make it yours.

Start with `recipes/10_kv_cache.md`,
or copy `scaffolds/10_kv_cache_skeleton.py` over this file.
Then run `python checks/10_kv_cache_test.py`. To escape, put the line below back.
"""

from scaffolds.reference.kv_cache import KVCache, forward_with_cache, generate_cached

__all__ = ["KVCache", "forward_with_cache", "generate_cached"]
