"""From a failed fact to a line.

diagnosis.py       the way from one to the other
blame.py           is an earlier loop at fault?
missing_return.py  is a return missing?
search.py          lets processes try changes of the file, and hears which of them help
search_child.py    such a process
looking.py         which changes make a difference, by the values in the file
growth.py          changes that are found by the values
values.py          what is the same, and what is of one kind
pure.py            which changes can be looked at
tryout.py          how far does a changed file lead?
nearness.py        how far is a change from what failed?
trace.py           which lines ran
time_limit.py      how long a changed file may run
mends.py           what crosses the border: a change that helps
idle.py            does a change go around the mistake?
evidence.py        what the changes that help agree on
"""
