"""What all checks share: facts are run on a learner's module, and what comes out is told kindly.

What a check is made of:
  facts.py      the words in which a check states what should be true
  lab.py        what a fact gets to work with
  stand_ins.py  models in which everything can be seen
  plan.py       how many parameters the model of loop 2 should have
  story.py      the model that is trained on the story

What happens to the learner's file:
  source.py     as text: can it be read, what is still to write
  module.py     as a running module: its names, and whose they are
  sandbox.py    prints, exits and endless loops are caught here
  worker.py     runs the facts in a process of their own, and reports each as it ends
  runner.py     starts that process, and hears what it says
  explain.py    an exception becomes called, expected, got and the learner's own line
  problem.py    what went wrong and where, as plain data

How the line is found:
  edits/        small changes of a file, the likely slips first
  proof.py      tries them in a process of its own
  prover.py     runs the facts on each: how far does it lead?
  lines.py      which lines ran
  rounds.py     bounds how long an edit may run
  search.py     starts these processes, and hears which edits help
  diagnosis.py  what the edits that help agree on becomes the line
  returns.py    is a return missing?
  blame.py      is an earlier loop at fault?

What the learner sees:
  command.py    `python checks/NN_name_test.py [FILE]` and its flags
  showcase.py   the same for the finish line
  report.py     lines for a person
  console.py    fit for any console
  repair.py     the repair prompt
  diary.py      the block in vibes.md
"""
