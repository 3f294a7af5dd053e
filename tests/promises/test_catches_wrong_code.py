"""Wrong code is caught, and the report says what its writer needs to hear.

Each 28th wrong module, and each that needs its hint, is run within the test's own process, and
three get a whole report, with the search for the line. tools/measure.py does that with all of them.
"""

import re

import pytest

from mini_gpt.loops import loop_with
from tests.modules import WITH_MODULES, wrong_modules
from tests.running import failure_on, words_of
from tools.measure import known_cases, measure

EVERY = 28
ON_A_PAGE = "page_"
"""A name that begins so tells what only an open page shows. tests/web looks at these."""
BY_HINT = {
    ("tokenizer", "chatty_assistant", "constant_not_copied"),
    ("tokenizer", "java_style", "dictionary_shared_by_all"),
    ("tokenizer", "polskie_kroki", "two_last_character_lost_and_pad_refused"),
    ("tokenizer", "turkish_homework", "returns_inside_the_loop"),
    ("transformer", "spanish_small_steps", "largest_of_the_wrong_axis"),
    ("sampler", "closures_reduce", "argmax_over_the_batch"),
}
"""Here the fact does not say it in its own words. The hint may, where a line is proven."""
SAMPLE = [
    wrong
    for loop in WITH_MODULES
    for number, wrong in enumerate(wrong_modules(loop))
    if number % EVERY == 0 or (wrong.loop, wrong.style, wrong.name) in BY_HINT
    if not wrong.name.startswith(ON_A_PAGE)
]
NAMED = [
    ("tokenizer", "stoi_itos", "order_sorted"),
    ("tokenizer", "stoi_itos", "unknown_raises_key_error"),
    ("transformer", "nano_gpt", "scale_missing"),
]


def name_of(wrong):
    """Name a wrong module in the list of the tests."""
    return f"{wrong.loop}-{wrong.style}-{wrong.name}"


@pytest.mark.parametrize("loop", WITH_MODULES)
def test_collection(loop):
    """Every loop has enough wrong modules, in several styles. Each can be made, and is another."""
    every = wrong_modules(loop)
    assert len(every) >= 30 and len({wrong.style for wrong in every}) >= 8
    assert len({(wrong.style, wrong.name) for wrong in every}) == len(every)
    texts = [wrong.made()[0] for wrong in every]
    assert len(set(texts)) == len(texts)
    for wrong in every:
        text, lines = wrong.made()
        stripped = {text_line.strip() for text_line in text.split("\n")}
        assert lines and stripped >= set(wrong.also), name_of(wrong)


@pytest.mark.filterwarnings("ignore")  # wrong code may warn, that is its right
@pytest.mark.parametrize("wrong", SAMPLE, ids=name_of)
def test_wrong_module_is_caught(wrong, tmp_path, monkeypatch):
    """A fact does not hold on a wrong module, and its own words are the right ones."""
    monkeypatch.chdir(tmp_path)  # a wrong module may leave a file behind
    file = tmp_path / "module.py"
    file.write_text(wrong.made()[0], encoding="utf-8")
    loop = loop_with(wrong.loop)
    failure = failure_on(loop, file) or failure_on(loop, file, trains=True)
    assert failure is not None
    said = re.search(wrong.says, words_of(failure), re.IGNORECASE) is not None
    assert said == ((wrong.loop, wrong.style, wrong.name) not in BY_HINT)


@pytest.mark.parametrize(("loop", "style", "name"), NAMED)
def test_line_is_named(loop, style, name):
    """The whole report names the very line, and says what a learner needs to hear."""
    case = next(case for case in known_cases(loop) if (case.style, case.name) == (style, name))
    result = measure(case)
    assert (result.verdict, result.wordless) == ("exact", False)
