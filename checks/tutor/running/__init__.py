"""What happens to the learner's file.

source.py    as text: can it be read, what is still to write?
module.py    as a running module: its names, and whose they are
sandbox.py   prints, exits and other programs are caught
watch.py     endless loops are stopped
explain.py   an exception becomes called, expected, got and the learner's own line
problem.py   what went wrong, and where
child.py     the process that runs the facts
parent.py    starts it, and hears what it says
records.py   what crosses the border between the two
"""
