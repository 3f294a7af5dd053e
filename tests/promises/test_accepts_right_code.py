"""Right code of any style passes.

Each sixth right module is run here, and half of them with the slow tests only.
`python tools/measure.py --only right` takes all of them.
"""

import pytest
from tutor.telling import report

from mini_gpt.loops import loop_with
from tests.modules import WITH_MODULES, right_module, right_modules, tuning
from tests.running import failure_on

EVERY = 6
MODULES = [
    pytest.param(loop_with(module), file, marks=[pytest.mark.slow] * (number % 2))
    for module in WITH_MODULES
    for number, file in enumerate(right_modules(module)[::EVERY])
]
TRAINS = {"alumna_apuntes", "raschka_chapter5"}
"""The trainers that are also trained on the story, which takes seconds."""


def refusal(loop, file, trains=False):
    """Return what a check has against a file, or ""."""
    failure = failure_on(loop, file, trains)
    if failure is None:
        return ""
    problem = failure.problem
    return "\n".join(report.failure(failure.title, problem) + report.findings(problem, problem))


@pytest.mark.filterwarnings("default")  # a module may do what earns a warning: it is still right
@pytest.mark.parametrize(("loop", "file"), MODULES, ids=lambda value: getattr(value, "stem", ""))
def test_every_style_passes(loop, file):
    """A right module in any style passes all facts; two trainers also train on the story."""
    trains = loop.module == "trainer" and file.stem in TRAINS
    assert not refusal(loop, file, trains)


@pytest.mark.parametrize(
    "loop", [loop_with(module) for module in WITH_MODULES], ids=lambda loop: loop.stem
)
def test_styles_are_listed(loop):
    """There are enough styles of each loop, and of each it is known if it was used for tuning."""
    styles = [file.stem for file in right_modules(loop.module)]
    assert len(styles) >= 10 and list(tuning(loop.module)) == styles
    assert set(tuning(loop.module).values()) <= {"known", "unseen"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("mingpt_2020", "0.02 * torch.randn(1, block_size", "torch.zeros(1, block_size"),
        (
            "recipe_answer",
            "        self.head = nn.Linear(",
            "        for block in self.blocks:\n"
            "            nn.init.zeros_(block.attention.output.weight)\n"
            "            nn.init.zeros_(block.mlp[-1].weight)\n"
            "        self.head = nn.Linear(",
        ),
    ],
    ids=["places", "branches"],
)
def test_parts_may_start_at_zero(tmp_path, name, old, new):
    """A model may start with places, or with whole branches, that have no effect yet."""
    file = changed(tmp_path, right_module("transformer", name), old, new)
    assert not refusal(loop_with("transformer"), file)


def test_saving_by_keywords(tmp_path):
    """The arguments of torch.save may be given by their names."""
    old, new = "torch.save(checkpoint, temp_name)", "torch.save(obj=checkpoint, f=temp_name)"
    file = changed(tmp_path, right_module("trainer", "bourke_train_step"), old, new)
    assert not refusal(loop_with("trainer"), file)


def changed(tmp_path, module, old, new):
    """Write a module in which one text is another, and return its path."""
    text = module.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / module.name
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path
