"""Finds what a value may lack: a name beside it, with which it becomes another value of its kind.

A form such as `A * B` could be tried with every name B at every place A. Most of that would be for
nothing: a list is not multiplied, a name has no value yet, the result is the same as before. What
stays is what works at a place, and gives another value of the same kind.
"""

from collections.abc import Iterator

from tutor.finding.values import is_alike, is_number, is_tensor, mark_of, outcome

SLIP = "a name beside it"
"""Its name in the catalogue. The forms are counted together: alone, each is rarely right."""
FORMS = ("B", "A + B", "B[A]", "A[:B]", "A[B:]", "A[-B:]", "A[:, -B:]")
FOR_NUMBERS = ("A - B", "A * B", "A / B")
"""A text times a number is long, and never what is meant."""
FOR_SINGLE = ("B - A", "A // B", "A % B", "len(B)", "A + len(B)", "A - len(B)", "A + B.shape[1]")
FOR_SINGLE += ("max(0, A)", "max(A, B)", "min(A, B)")
"""For single numbers: nobody takes the rest, or the larger one, of whole tensors."""
EVERY = (*FORMS, *FOR_NUMBERS, *FOR_SINGLE)
MEETS = {form: eval(f"lambda A, B: {form}") for form in EVERY}
"""What each form makes of a value and of one beside it."""


class Growth:
    """What may be made of the value of one place with what is known there.

    Args:
        names: what is known there.
    """

    def __init__(self, names: list[str]):
        self.names = names
        self.marks: list[object] = []
        """The values of the place, see mark_of."""
        self.grown: dict[tuple[str, str], list[object]] = {}
        """What each form makes of them, with each name."""

    def look(self, value: object, mark: object, beside: list[object]) -> None:
        """See what the forms make of a value.

        Args:
            value: the value of the place.
            mark: what is the same for equal values.
            beside: the values of the names.
        """
        for name, known in zip(self.names, beside):
            for form in EVERY:
                if not self.marks or (form, name) in self.grown:
                    self.keep((form, name), meet(form, value, known), value)
        self.marks.append(mark)

    def keep(self, key: tuple[str, str], new: object, value: object) -> None:
        """Remember what a form makes of a value if it is of the same kind. Else forget the form."""
        mark = mark_of(new) if is_alike(new, value) else None
        if mark is None:
            self.grown.pop(key, None)
        else:
            self.grown.setdefault(key, []).append(mark)

    def differing(self) -> Iterator[tuple[str, str]]:
        """Yield the forms and names that make a difference somewhere."""
        return (key for key, marks in self.grown.items() if marks != self.marks)


def meet(form: str, value: object, known: object) -> object:
    """Return what a form makes of a value and of one beside it, or None if they do not go together.

    What is known beside it may be an exception: a name that has no value yet.
    """
    if isinstance(known, Exception) or callable(known):
        return None
    if form in FOR_NUMBERS and not (is_number(value) and is_number(known)):
        return None
    if form in FOR_SINGLE and is_tensor(value):
        return None
    return outcome(lambda: MEETS[form](value, known))
