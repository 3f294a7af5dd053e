"""The learner's file as a running module: its names, and whose they are."""

import difflib
import importlib
import random
import sys
import types
from pathlib import Path

from tutor.running.problem import ROOT, Problem
from tutor.running.source import NotAProgram, Source, read

REFERENCE = "scaffolds.reference."


def run(name: str, source: Source, given: dict | None = None) -> types.ModuleType:
    """Run a learner's file as the module of this name, so that others who import it get it too.

    What ran before leaves nothing behind, and random numbers begin anew: each run is like the last.

    Args:
        name: such as "mini_gpt.trainer".
        source: the file.
        given: names that it finds there already.

    Raises:
        Exception: whatever the file itself raises.
    """
    forget_state()
    module = types.ModuleType(name)
    module.__file__ = str(source.path)
    install(name, module)  # dataclasses and pickle look a class up there while the file runs
    module.__dict__.update(given or {})
    exec(compile(source.tree, str(source.path), "exec"), module.__dict__)
    return module


def forget_state() -> None:
    """Put back what code may have changed for everyone, be it a seed."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(0)


def install(name: str, module: types.ModuleType) -> None:
    """Let every form of import find a module by this name: `import a.b` and `from a import b`."""
    sys.modules[name] = module
    package, _, stem = name.rpartition(".")
    if package:
        setattr(importlib.import_module(package), stem, module)


def missing_name(
    module: types.ModuleType, source: Source, wanted: str, others: tuple[str, ...] = ()
) -> Problem:
    """Explain that a name is missing, and offer the nearest one that is there.

    Args:
        module: the learner's module.
        source: its file.
        wanted: the name that is missing.
        others: the names that the module must have too. They cannot be the one that is meant.
    """
    own = [
        name
        for name, value in vars(module).items()
        if callable(value) and name[0] != "_" and name not in others
    ]
    folded = {name.lower().replace("_", ""): name for name in own}
    near = difflib.get_close_matches(wanted.lower().replace("_", ""), folded, n=1, cutoff=0.5)
    problem = Problem(f"looking for {wanted}", f"a name {wanted}", f"the file has no {wanted}")
    if near:
        name = folded[near[0]]
        place = source.range_of(name)
        problem.place = source.place(place.line) if place else None
        problem.likely = f"{name} is the nearest name that it has: call it {wanted}"
    if problem.place is None:
        problem.place = source.place(0)
    return problem


def owner(values: list[object]) -> str:
    """Tell whose code these functions and classes are: "yours", "borrowed" or "partly yours"."""
    borrowed = [getattr(v, "__module__", "").startswith(REFERENCE) for v in values]
    return "borrowed" if all(borrowed) else "partly yours" if any(borrowed) else "yours"


def borrow(name: str) -> None:
    """Put the reference in the place of a module of mini_gpt, for this process."""
    install(f"mini_gpt.{name}", importlib.import_module(f"{REFERENCE}{name}"))


def is_learners(filename: str) -> bool:
    """Tell whether a file is one that a learner writes: any but the project's own and Python's."""
    path = Path(filename)
    if not path.is_absolute():
        return False
    if not path.is_relative_to(ROOT):
        return "site-packages" not in path.parts and not path.is_relative_to(sys.base_prefix)
    folder = path.relative_to(ROOT).parts[0]
    if folder == "scaffolds":
        return "reference" not in path.parts
    return folder not in {"checks", "tests", "tools", ".venv"} and path.name not in {
        "story.py",
        "paths.py",
    }


def read_learners(filename: str) -> Source | None:
    """Read a file of the learner's for a report, or nothing if it cannot be read."""
    try:
        return read(Path(filename))
    except NotAProgram:
        return None
