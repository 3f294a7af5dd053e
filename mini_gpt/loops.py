"""What the course is made of: one row for each loop. Whatever needs a list of loops reads it.

A loop has five parts that share its stem: `recipes/STEM.md`, `scaffolds/STEM_skeleton.py`,
`mini_gpt/MODULE.py`, `checks/STEM_test.py` and `docs/STEM.md`.
"""

from dataclasses import dataclass
from pathlib import Path

from mini_gpt.paths import ROOT

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
    changes: int = 5000
    """How many changes of a file its check may try to find the line at fault."""
    trials: int = 0
    """On how many of these a whole model may be trained, where a fact asks for it."""

    def is_borrowed(self) -> bool:
        """Tell whether the module still takes its names from the reference."""
        text = (ROOT / "mini_gpt" / f"{self.module}.py").read_text("utf-8", errors="replace")
        return f"from scaffolds.reference.{self.module} import" in text

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
        trials=12,
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
        trials=12,
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
    Loop(
        number=6,
        stem="06_bpe_tokenizer",
        title="the BPE tokenizer",
        module="bpe",
        names=("BPETokenizer",),
        minutes=55,
        idea="longer tokens",
        shows='`"hello hello help" -> [263, 261, 262, 261, 115]`',
        torch=False,
    ),
    Loop(
        number=7,
        stem="07_attention_visualization",
        title="the attention map",
        module="attention_map",
        names=("record_attention", "strongest", "attention_figure"),
        minutes=55,
        idea="where it looks",
        shows="the o of *world* looks at `w`: 97.5 %",
        needs=("transformer", "tokenizer", "trainer"),
    ),
    Loop(
        number=8,
        stem="08_beam_search",
        title="the beam search",
        module="beam_search",
        names=("log_probability", "beam_search"),
        minutes=55,
        idea="the best text",
        shows="greedy finds .20, two beams find .36",
        needs=("transformer",),
    ),
    Loop(
        number=9,
        stem="09_web_interface",
        title="the web interface",
        module="web",
        names=("next_characters", "stream", "build_page"),
        minutes=55,
        idea="for a friend",
        shows="your model writes in the browser, and shows what may come next",
        needs=("sampler", "transformer", "tokenizer"),
    ),
    Loop(
        number=10,
        stem="10_kv_cache",
        title="the KV cache",
        module="kv_cache",
        names=("KVCache", "forward_with_cache", "generate_cached"),
        minutes=55,
        idea="never twice",
        shows="500 characters more: 500 tokens computed, not 125,250",
        needs=("transformer", "sampler"),
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
