"""The tests of the tutorial itself.

course/     what a learner reads is true: pages, numbers, skeletons, the reference, the command line
promises/   the checks accept right code in any style, catch wrong code, and are kind
tutor/      what the checks share, room by room, as in checks/tutor
modules/    right modules in many styles, and what was made wrong in each: see its docstring
answers/    what language models answered to the recipes. same.csv lists those that equal a style
running.py  runs a check within the test's own process

How true the named lines are takes hours to find out, so no test does it: tools/measure.py.
"""
