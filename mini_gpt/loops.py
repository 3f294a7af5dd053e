"""What the course is made of: one row for each loop. Whatever needs a list of loops reads it.

A loop has five parts that share its stem: `recipes/STEM.md`, `scaffolds/STEM_skeleton.py`,
`mini_gpt/MODULE.py`, `checks/STEM_test.py` and `docs/STEM.md`.
"""

from dataclasses import dataclass
from pathlib import Path

CORE = 4
"""The loops up to this number build the model. Those behind it are challenges, in any order."""


@dataclass(frozen=True)
class Loop:
    """One loop of the course."""

    number: int
    stem: str
    """Its files begin with it, such as `01_tokenizer`."""
    title: str
    module: str
    """The learner's file in `mini_gpt/`, without `.py`."""
    names: tuple[str, ...]
    """What the module must provide."""
    minutes: int
    idea: str
    """What its page is about, in two or three words."""
    shows: str
    """The one thing that it shows."""
    needs: tuple[str, ...] = ()
    """Other modules of the learner's that its check may use."""
    torch: bool = True
    """Whether it calculates with PyTorch."""
    changes: int = 4000
    """How many changes of a file its check may try to find the line at fault."""
    trials: int = 0
    """How many of these may be tried on a training of the model too, which takes seconds."""

    @property
    def is_core(self) -> bool:
        """Tell whether the model is not complete without this loop."""
        return self.number <= CORE


LOOPS = (
    Loop(
        number=1,
        stem="01_tokenizer",
        title="the tokenizer",
        module="tokenizer",
        names=("CharTokenizer",),
        minutes=25,
        idea="text and numbers",
        shows='`"hello" -> [7, 4, 11, 11, 14]`',
        torch=False,
    ),
    Loop(
        number=2,
        stem="02_transformer",
        title="the transformer",
        module="transformer",
        names=("causal_attention", "MiniGPT"),
        minutes=25,
        idea="looking back",
        shows="145,764 numbers guess what comes next",
    ),
    Loop(
        number=3,
        stem="03_training",
        title="the training",
        module="trainer",
        names=("get_batch", "train", "save_checkpoint", "load_checkpoint"),
        minutes=25,
        idea="learning",
        shows="the loss falls from 2.85 to 0.03",
        needs=("tokenizer", "transformer"),
        trials=3,
    ),
    Loop(
        number=4,
        stem="04_generation",
        title="the generation",
        module="sampler",
        names=("generate", "generate_words"),
        minutes=20,
        idea="talking",
        shows='"Hello" and "Once upon" are continued',
        needs=("tokenizer", "transformer", "trainer"),
    ),
    Loop(
        number=5,
        stem="05_larger_data",
        title="larger data",
        module="corpus",
        names=("read_pieces", "write_ids", "open_ids", "split", "evaluate", "train_on_book"),
        minutes=55,
        idea="a whole book",
        shows="what is learned by heart, and what is understood",
        needs=("tokenizer", "transformer"),
    ),
)


def loop_of(file: str | Path) -> Loop:
    """Find the loop of a check by the check's own file name.

    Raises:
        LookupError: no loop has this stem.
    """
    stem = Path(file).stem.removesuffix("_test")
    for loop in LOOPS:
        if loop.stem == stem:
            return loop
    raise LookupError(f"no loop in mini_gpt/loops.py has the stem {stem}")


def loop_with(module: str) -> Loop:
    """Find the loop whose module is called so, such as "trainer"."""
    return next(loop for loop in LOOPS if loop.module == module)
