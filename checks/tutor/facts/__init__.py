"""How a check states what should be true.

words.py        expected and got, in plain values
tensors.py      the same for tensors
lab.py          what a fact gets to work with
stand_ins.py    models in which everything can be seen
files.py        what a checkpoint holds, and how it is replaced
lessons.py      what a stand-in was taught, and the steps that followed
witness.py      what code does on its way: steps, moved files, calls
story.py        the model that is trained on the story
parameters.py   how many parameters the model of loop 2 has
"""
