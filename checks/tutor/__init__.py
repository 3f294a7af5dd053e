"""What all checks share: facts are run on a learner's module, and what comes out is told kindly.

facts.py      the words in which a check states what should be true
lab.py        what a fact gets to work with
source.py     the learner's file as text: can it be read, what is still to write
module.py     the learner's file as a running module: its names, and whose they are
explain.py    an exception becomes called, expected, got and the learner's own line
sandbox.py    prints, exits and endless loops of the learner's code are caught here
worker.py     runs the facts in a process of their own, and reports each as it ends
runner.py     starts that process, and hears what it says
report.py     turns what it says into lines for a person
console.py    makes these lines fit for any console
command.py    `python checks/NN_name_test.py [FILE]`
"""
