"""What python -m mini_gpt look needs, in reading order.

reading.py      the text, and the part of it that is shown
listening.py    where the model looks, and where it looked before it was trained
roles.py        what a head might do, and how well it fits
sample.py       the text on which that is measured
ablation.py     what the model loses without a head
captions.py     a sentence for each head, with its proof
labels.py       how a token is written
in_text.py      table and map for a terminal
pictures.py     table and map as pictures
page.py         the page for a browser, made from page.html
folder.py       where all is written
command.py      the command
"""
