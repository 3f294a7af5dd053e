"""Ours, never judged, and never written by a learner: what the commands of mini_gpt need.

refusal.py      what cannot be done, said in a sentence
download.py     a file from the internet, whole or not at all
books.py        which texts to train on
prepare.py      from texts to ids on the disk
stand_in.py     a model in the place of another
device.py       the graphics card, if there is one
checkpoint.py   a training that can be stopped and gone on with
training.py     the steps, the looks, the checkpoints
progress.py     the same lines on the terminal and in a file
pairs.py        a BPE tokenizer for a whole book
tokenizers.py   the tokenizer of a checkpoint, and no other
streaming.py    characters as they come, and words counted
remembering.py  your KV cache, where it gives the same
samplers.py     top-k, top-p and min-p
narrowing.py    a model that says nothing too unlikely
commands.py     train, and the command line
speaking.py     generate and chat
looking/        what look needs
web/            what the page needs
export_npz.py   a model as a file of arrays
numpy_gpt.py    the same model without PyTorch
"""
