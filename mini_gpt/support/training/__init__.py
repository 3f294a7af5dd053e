"""What python -m mini_gpt train needs, in reading order.

download.py       a file from the internet, whole or not at all
books.py          which texts to train on
pairs.py          a BPE tokenizer for a whole book
prepare.py        from texts to ids on the disk
optimizer.py      Muon for the matrices, AdamW for the rest, and how large a step is
fused.py          PyTorch's attention in the place of the learner's, where it gives the same
together.py       several processes that train one model
training.py       the steps, the looks, the checkpoints
progress.py       the same lines on the terminal and in a file
yardsticks.py     what a loss should be compared with
evidence.py       what a model and its training show
verdict.py        is my loss normal?
loss_picture.py   the losses as a picture
ending.py         what is told and kept at the end
command.py        the command
"""
