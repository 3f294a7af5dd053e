"""What a function of the learner's knows: its arguments, variables, class and file."""

import ast
import re
from dataclasses import dataclass, field, replace

from tutor.running.source import returns_nothing
from tutor.slips import contracts

Function = ast.FunctionDef | ast.AsyncFunctionDef
WORDS = re.compile(r"(?:self\.)?\w+")


@dataclass
class Scope:
    """The names that can stand in a function, each list in the order of the text.

    Args:
        function: the function. None means the top of the file.
        owner: the class around it, if it is a method.
        imports: what the file imports, such as "nn".
    """

    function: Function | None
    owner: ast.ClassDef | None
    outer: list[str] = field(default_factory=list)
    """The names of the function around this one."""
    imports: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    """What the file calls by another name: from sdpa to scaled_dot_product_attention."""
    modules: dict[str, str] = field(default_factory=dict)
    """What a name of an import stands for: from F to torch.nn.functional."""
    spans: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Of each variable: behind which line it is known, and up to which."""
    parameters: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    """The names in the conditions of loops that change none of them."""
    collections: list[str] = field(default_factory=list)
    loop_targets: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    """What the file calls with one value, and what it puts behind one: see donors.py."""
    used: set[str] = field(default_factory=set)
    """The attributes that the file looks at somewhere."""
    unread: list[str] = field(default_factory=list)
    """The arguments and variables that are made but never looked at, but for those in a row."""
    idle: list[str] = field(default_factory=list)
    """The functions and classes of the file, and the methods of the class, that nobody calls."""
    stale: list[str] = field(default_factory=list)
    """The variables that a loop looks at, and that are set only outside of it."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """Of each class at the top of the file: the values that it shares, such as those of an enum."""
    results: dict[str, ast.expr] = field(default_factory=dict)
    """What a function of the file gives back, if it is called at one place only."""
    refusing: list[str] = field(default_factory=list)
    """The functions and methods of the file that turn something away."""
    forgotten: list[str] = field(default_factory=list)
    """The constants of the file that nobody looks at."""
    roles: dict[str, str] = field(default_factory=dict)
    """What names stand for that are handed on under another name: from t to temperature."""
    waiting: set[str] = field(default_factory=set)
    """What is unread or idle, with the object's attributes that the file never looks at."""

    @property
    def unused(self) -> list[str]:
        """What is known here, but looked at nowhere in the function."""
        return [name for name in self.own if name in self.unread] + self.forgotten

    def is_imported(self, node: ast.expr) -> bool:
        """Tell whether an expression is a module or something in it, such as `F.softmax`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imports

    def at(self, line: int) -> "Scope":
        """Return what is known at a line: what is made further down is not."""
        return replace(
            self,
            variables=[name for name in self.variables if self.is_known(name, line)],
            collections=[name for name in self.collections if self.is_known(name, line)],
            loop_targets=[name for name in self.loop_targets if self.is_known(name, line)],
        )

    def is_known(self, name: str, line: int) -> bool:
        """Tell whether a variable is known at a line. What is no variable is known everywhere."""
        spans = self.spans.get(name)
        return spans is None or any(first < line <= last for first, last in spans)

    @property
    def constants(self) -> list[str]:
        """The names at the top of the file that are written in capitals, or begin with one."""
        return [name for name in self.globals if name.lstrip("_")[:1].isupper()]

    @property
    def any(self) -> list[str]:
        """All that can stand for a value: names, constants, special tokens, and 0 or 1."""
        constants = [name for name in self.constants if name.isupper()]
        marks = [f'"{mark}"' for mark in contracts.marks()]
        return unique([*self.own, *self.object, *constants, *marks, "0", "1"])

    @property
    def object(self) -> list[str]:
        """What the object has, such as `self.vocab`."""
        return [f"self.{name}" for name in self.attributes]

    @property
    def helpers(self) -> list[str]:
        """What can be called, but is not: idle functions, and variables nobody looks at."""
        return self.idle + self.unused

    def role(self, name: str) -> str:
        """Return what a name stands for: an argument of the contracts, or what it says itself."""
        return self.roles.get(name, name.removeprefix("self."))

    @property
    def is_resultless(self) -> bool:
        """Tell whether the function gives nothing back, and should."""
        return self.function is not None and returns_nothing(self.function)

    def standing_for(self, role: str) -> list[str]:
        """List the names that stand for an argument of the contracts, such as the temperature."""
        return [name for name in self.own if name == role or self.roles.get(name) == role]

    @property
    def given(self) -> list[str]:
        """The arguments, without self."""
        return [name for name in self.parameters if name not in ("self", "cls")]

    @property
    def own(self) -> list[str]:
        """The arguments and variables, without self, and those of the function around."""
        return unique(self.given + self.variables + self.outer)


def unique(names: list) -> list:
    """Return each name once, in order."""
    return list(dict.fromkeys(names))


def unused_attributes(scope: Scope) -> list[str]:
    """List the attributes that a class makes but does not use, such as a forgotten last layer."""
    return [name for name in scope.attributes if name not in scope.used | contracts.public()]
