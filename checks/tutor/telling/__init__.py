"""What the learner sees.

command.py         `python checks/NN_stem_test.py [FILE]` and its flags
printer.py         what happens is printed as it comes
report.py          lines for a person
console.py         fit for any console
showcase.py        the same for the finish line
diary.py           a line in vibes.md
repair_prompt.py   a prompt for a chat
"""
