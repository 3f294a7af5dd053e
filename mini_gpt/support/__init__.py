"""Ours, never judged, and never written by a learner: what the commands of mini_gpt need.

refusal.py      what cannot be done, said in a sentence
download.py     a file from the internet, whole or not at all
books.py        which texts to train on
prepare.py      from texts to ids on the disk
device.py       the graphics card, if there is one
checkpoint.py   a training that can be stopped and gone on with
training.py     the steps, the looks, the checkpoints
progress.py     the same lines on the terminal and in a file
streaming.py    characters as they come
commands.py     train, generate, chat and look
looking/        what look needs
export_npz.py   a model as a file of arrays
numpy_gpt.py    the same model without PyTorch
"""
