"""How a check states what should be true.

words.py        expected and got, in plain values
tensors.py      the same for tensors
lab.py          what a fact gets to work with
stand_ins.py    models in which everything can be seen
files.py        what a checkpoint holds, and how it is replaced
lessons.py      what a stand-in was taught, and the steps that followed
witness.py      what code does on its way: steps, moved files, calls
cached.py       the model of loop 2 as a cache must see it
reader.py       a model that reads a text, and how likely it finds each answer
books.py        books to read, files of ids, and what happens to them
pages.py        a page that a learner built, opened and asked
story.py        the model that is trained on the story
models.py       models of the learner's, made for loop 2 to look at
parameters.py   how many parameters the model of loop 2 has
parts.py        what the classes of the skeleton of loop 2 should make of their own layers
worked_out.py   what a whole model should make of ids, whatever its parts are called
unused.py       names the layers that are made and never used
"""
