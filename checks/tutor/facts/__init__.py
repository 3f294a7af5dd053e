"""How a check states what should be true.

words.py        expected and got, in plain values
tensors.py      the same for tensors
lab.py          what a fact gets to work with
stand_ins.py    models in which everything can be seen
story.py        the model that is trained on the story
parameters.py   how many parameters the model of loop 2 has
"""
