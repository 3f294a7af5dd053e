"""What the words in capitals stand for in the catalogue: all names of a kind at a place."""

import ast
import re
from dataclasses import dataclass, field

from tutor.slips import contracts
from tutor.slips.queries import (
    LIST,
    MASKS,
    OPTIMIZER,
    PRODUCTS,
    SPACE,
    assigned,
    copied,
    grows,
    kept_modes,
    looped_twice,
    made_as,
    made_by,
    members,
    models,
    never_moved,
    plain_values,
    receivers,
    saved,
    switched,
    uncounted,
    written,
)
from tutor.slips.scope import Scope, unique, unused_attributes


@dataclass
class Place:
    """Where a slip may be: a node, what is around it, and what is known there."""

    node: ast.AST
    parent: ast.AST | None
    scope: Scope
    found: dict[str, list[str]] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        """List what a word in capitals stands for at this place."""
        if kind not in self.found:
            self.found[kind] = KINDS[kind](self)
        return self.found[kind]

    @property
    def function(self) -> ast.AST:
        """The function around the place."""
        return self.scope.function or ast.Module([], [])


def layers(place: Place) -> list[str]:
    """List the attributes that are made, but that nothing looks at."""
    return [f"self.{name}" for name in unused_attributes(place.scope)]


def inside(place: Place) -> list[str]:
    """List the variables in an expression."""
    names = [n.id for n in ast.walk(place.node) if isinstance(n, ast.Name)]
    return [name for name in unique(names) if name in place.scope.own]


def generators(place: Place) -> list[str]:
    """List what random numbers can come from."""
    made = made_by(place.function, "Generator")
    return unique([*place.scope.standing_for("generator"), *made])


def scales(place: Place) -> list[str]:
    """List what stands for an argument that is no whole number, such as a temperature."""
    floats = contracts.floats()
    own = [name for name in place.scope.own if place.scope.role(name) in floats]
    return own + [f"self.{name}" for name in place.scope.attributes if name in floats]


def sizes(place: Place) -> list[str]:
    """List what may say how long something is."""
    every = [*place.scope.own, *place.scope.object]
    words = "size|len|max|limit|ctx|window"
    return [name for name in every if re.search(words, place.scope.role(name))]


def lists(place: Place) -> list[str]:
    """List the collections of a function, and those of its object."""
    scope = place.scope
    made = made_as(scope.owner, LIST)
    return unique([*scope.collections, *(name for name in scope.object if name in made)])


def unfilled(place: Place) -> list[str]:
    """List the collections that a function adds nothing to."""
    return [name for name in lists(place) if not grows(name, place.function)]


def starts(place: Place) -> list[str]:
    """List what the object begins with, of what a function adds to or sets anew."""
    function = place.function
    anew = {name for name, _ in assigned(function)}
    values = plain_values(place.scope.owner)
    return [code for name, code in values if name in anew or grows(name, function)]


def needed(place: Place) -> list[str]:
    """List the attributes that an object looks at, though nobody makes them."""
    made = members(place.scope.owner)
    return [f"self.{name}" for name in place.scope.attributes if name not in made]


def promised(place: Place) -> list[str]:
    """List the attributes that others look at, though the class does not make them."""
    owner = place.scope.owner
    asked = contracts.attributes(owner.name) if owner else ()
    return [f"self.{name}" for name in asked if name not in members(owner)]


def settings(place: Place) -> list[str]:
    """List the statements that set, once and for all, what a loop looks at."""
    return [code for name, code in assigned(place.function) if name in place.scope.stale]


def optimizers(place: Place) -> list[str]:
    """List what may be an optimizer."""
    found = receivers(place.function, "step") + receivers(place.function, "zero_grad")
    found += [name for name in place.scope.own if "opt" in name.lower()]
    return known(found + made_by(place.function, OPTIMIZER), place)


def losses(place: Place) -> list[str]:
    """List what may be a loss."""
    found = [n for m in ("item", "backward", "detach") for n in receivers(place.function, m)]
    return unique(found + [name for name in place.scope.own if "loss" in name.lower()])


def callbacks(place: Place) -> list[str]:
    """List the functions that were given to be called, and are not."""
    return [name for name in place.scope.unused if place.scope.role(name).startswith("on_")]


def known(names: list[str], place: Place) -> list[str]:
    """Keep the names that can be used at a place. What has a dot in it always can."""
    return unique([name for name in names if "." in name or name in place.scope.own])


def products(place: Place) -> list[str]:
    """List the variables that are made by a product of matrices."""
    return known(made_as(place.scope.function, PRODUCTS), place)


def lengths(place: Place) -> list[str]:
    """List the lengths of what the object has, and of what stands at the top of the file."""
    return [f"len({name})" for name in [*place.scope.constants, *place.scope.object]]


KINDS = {
    "ANY": lambda place: place.scope.any,
    "CALLED": lambda place: place.scope.calls,
    "CALLBACK": callbacks,
    "COPIED": lambda place: copied(place.function),
    "COUNTED": lambda place: [n for n in uncounted(place.scope.owner) if n.startswith("self.")],
    "EMPTY": lambda place: ["()", "[]", '""', "0", "{}"],
    "ENDING": lambda place: place.scope.endings,
    "FILLED": lambda place: known(made_as(place.function, SPACE), place),
    "GENERATOR": generators,
    "HELPER": lambda place: place.scope.helpers,
    "INSIDE": inside,
    "JOINED": lambda place: known(
        [n for m in ("view", "reshape", "flatten") for n in receivers(place.function, m)], place
    ),
    "KEY": lambda place: [f'"{key}"' for key in place.scope.keys],
    "LAYER": layers,
    "LENGTH": lengths,
    "LIST": lists,
    "LOOPED": lambda place: looped_twice(place.function),
    "LOSS": losses,
    "MASK": lambda place: known(made_as(place.scope.function, MASKS), place),
    "MODE": lambda place: known(kept_modes(place.scope.owner or place.function), place),
    "MODEL": lambda place: known(models(place.function), place),
    "NEEDED": needed,
    "NN": lambda place: ["nn" if "nn" in place.scope.imports else "torch.nn"],
    "OPTIMIZER": optimizers,
    "OWN": lambda place: place.scope.object,
    "PARAMETER": lambda place: place.scope.given,
    "PRODUCT": products,
    "PROMISED": promised,
    "SAVED": lambda place: saved(place.function),
    "SCALE": scales,
    "SETTING": settings,
    "SIZE": sizes,
    "START": starts,
    "STUCK": lambda place: unique([*place.scope.stuck, *never_moved(place.function)]),
    "SWITCHED": lambda place: switched(place.scope.owner),
    "TARGET": lambda place: place.scope.loop_targets,
    "UNFILLED": unfilled,
    "UNUSED": lambda place: place.scope.unused,
    "VARIABLE": lambda place: place.scope.own,
    "WRITTEN": lambda place: known(written(place.function), place),
}
"""What each word stands for."""
