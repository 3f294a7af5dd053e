"""The page of `python -m mini_gpt web`: your own web.py in the first tab, and more around it.

    serve.py    opens the page, for this computer alone
    page.py     puts the tabs together
    sharing.py  one model for many visitors, each with a cache
    look.py     Look inside: what the model expected, and where it looked
    ways.py     Three ways: greedy, drawn, and beam search
    learn.py    Watch it learn: a model of a text of yours
    loops.py    Loops: what is yours, and what is green

Gradio is imported inside the functions, so that all else works without it.
"""
