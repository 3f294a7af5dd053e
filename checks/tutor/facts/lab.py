"""What a fact gets to work with: the learner's module, a place for files, and things to show."""

import importlib
import tempfile
import types
from collections.abc import Callable
from pathlib import Path


class Lab:
    """The place where one run of a check happens.

    Args:
        module: the learner's module.
        model_file: where a trained model is to be kept. None means nowhere.
        doing: told in a few words what takes time.
    """

    def __init__(
        self,
        module: types.ModuleType,
        model_file: Path | None = None,
        doing: Callable[[str], None] = lambda text: None,
    ):
        self.module = module
        self.model_file = model_file
        self.doing = doing
        self.called = ""
        """What a fact does, in the words of a report, for code that raises."""
        self.shown: list[str] = []
        self.remarks: list[str] = []
        self.left_open = False
        """A fact had nothing to compare, because the file is built in a way of its own."""
        self._kept: dict[str, object] = {}
        self._folder: tempfile.TemporaryDirectory | None = None

    def calls(self, words: str) -> str:
        """Say what is about to be done: if it raises, the report says so. Returns the words."""
        self.called = words
        return words

    def other(self, name: str) -> types.ModuleType:
        """Return another module of the learner's, or its borrowed form, such as "tokenizer"."""
        return importlib.import_module(f"mini_gpt.{name}")

    def show(self, line: str) -> None:
        """Show a line under the fact: a value that came out."""
        self.shown.append(line)

    def remark(self, line: str) -> None:
        """Say something that does not make the fact fail."""
        self.remarks.append(line)

    def leave_open(self) -> None:
        """Say that a fact has nothing to compare in this file. A change is no mend by that."""
        self.left_open = True

    def remark_unless_refused(self, what: str, attempt: Callable[[], object]) -> bool:
        """Say so if the recipe wants something refused that is not. Returns whether it is."""
        try:
            attempt()
            happened = "is taken without a word"
        except (ValueError, AssertionError):
            return True
        except Exception as error:
            happened = f"ends with {type(error).__name__}"
        self.remark(f"{what} {happened}; the recipe asks for a ValueError.")
        return False

    def once(self, name: str, make: Callable[[], object]) -> object:
        """Make something that takes time once, for all facts."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def folder(self) -> Path:
        """An empty folder for files, gone when the run ends."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mini-gpt-")
        return Path(self._folder.name)

    def close(self) -> None:
        """Take the folder away, if there is one."""
        if self._folder is not None:
            self._folder.cleanup()
