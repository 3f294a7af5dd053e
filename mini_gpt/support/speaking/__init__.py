"""What python -m mini_gpt generate and chat need, in reading order.

samplers.py      top-k, top-p and min-p
narrowing.py     a model that says nothing too unlikely
streaming.py     characters as they come, and words counted
remembering.py   your KV cache, where it gives the same
export_npz.py    a model as a file of arrays
numpy_gpt.py     the same model without PyTorch
command.py       the commands
"""
