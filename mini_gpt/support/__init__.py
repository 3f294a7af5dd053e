"""Ours, never judged, and never written by a learner: what the commands of mini_gpt need.

commands.py     the command line
refusal.py      what cannot be done, said in a sentence
device.py       the graphics card, if there is one
stand_in.py     a model in the place of another
exchange.py     another attention in the place of a model's own
checkpoint.py   a training that can be stopped and gone on with
tokenizers.py   the tokenizer of a checkpoint, and no other

training/       train: from a book to a model, and whether its loss is normal
speaking/       generate and chat, with PyTorch or with numpy alone
looking/        look: where each head looks, and what it is good for
web/            web: the page
"""
