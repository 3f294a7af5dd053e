"""The checks keep their promises: right code of any style passes, unwritten code fails kindly."""

import re
import shutil

import pytest
from tutor.facts.lab import Lab
from tutor.facts.words import facts_of
from tutor.running import module, source
from tutor.running.child import load_check

from scaffolds.make_skeletons import SCAFFOLDS, STEMS

ROOT = SCAFFOLDS.parent
VARIANTS = sorted((ROOT / "tests" / "variants").glob("0*/*.py"))
SLOW = 30.0
SLOW_VARIANTS = {"terse_expert", "dataset_loader"}
TOLD = "our pond red hen curled up. hello world. once upon"

# A line that the output must hold. … stands for whatever else is on the line.
LINES = {
    "01_tokenizer": [
        '"hello" -> [7, 4, 11, 11, 14]',
        "Vocab size: 16 (includes special tokens)",
    ],
    "02_transformer": ["Output shape: (2, 10, 100)", "Total parameters: 145,764"],
    "03_training": [
        "Loss decreased from 2.85 to 0.03",
        "hello worl[d]…",
        "Model saved to model.pt",
    ],
    "04_generation": [
        "Generation successful!",
        'Example: "Hello" -> "<unk>ello…',
        f'…"<unk>nce upon {TOLD}"',
    ],
    "final_showcase": [
        "🎉 Mini-GPT Final Showcase 🎉",
        "🏆" * 25,
        "✅ Tokenizer: Working normally…",
        "✅ Transformer: Forward pass working…",
        "✅ Training: Loss decreased from 2.85 to 0.03…",
        "✅ Generation: Can generate text…",
        f'…"<unk>nce upon {TOLD}"',
        "… 100%…",
        "🎉 Congratulations! You have successfully built your own Mini-GPT!",
        "✅ You now understand the core principles of GPT!",
    ],
}


@pytest.fixture(scope="module")
def runs(new_tree, side_by_side):
    """Run all four checks and the showcase, on the borrowed code and on a learner's own.

    Returns:
        The results by owner and stem.
    """

    def run_all(owner):
        tree = new_tree(owner)
        if owner == "yours":
            tree.take_reference()
        results = {stem: tree.check(stem) for stem in STEMS.values()}
        results["final_showcase"] = tree.python("checks/final_showcase.py")
        return results | {"model.pt": (tree.root / "model.pt").exists()}

    owners = ["borrowed", "yours"]
    results = side_by_side(*[lambda owner=owner: run_all(owner) for owner in owners])
    return dict(zip(owners, results, strict=True))


@pytest.mark.parametrize("owner", ["borrowed", "yours"])
@pytest.mark.parametrize("stem", LINES)
def test_documented_lines(runs, owner, stem):
    """The borrowed code, and the same code as the learner's, passes with the documented lines."""
    result = runs[owner][stem]
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    for wanted in LINES[stem]:
        pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
        assert any(re.fullmatch(pattern, line) for line in lines), wanted
    assert "❌" not in result.stdout and "✏️" not in result.stdout


@pytest.mark.parametrize("owner", ["borrowed", "yours"])
def test_owner_is_told(runs, owner):
    """The first line of each check, and the rows of the showcase, say whose code it is."""
    for name, stem in STEMS.items():
        first, *_, last = runs[owner][stem].stdout.splitlines()
        assert f"mini_gpt/{name}.py ({owner})" in first
        held, facts = re.search(r"(\d+) of (\d+) facts hold", runs[owner][stem].stdout).groups()
        assert held == facts and int(facts) > 5
    shown = runs[owner]["final_showcase"].stdout
    rows = [line for line in shown.splitlines() if line.startswith("✅") and f"({owner})" in line]
    assert len(rows) == 4
    assert f"Built by you: {4 if owner == 'yours' else 0} of 4" in shown.splitlines()


def test_model_is_kept(runs):
    """Loop 3 leaves its model in the root, and the showcase leaves it there."""
    assert runs["borrowed"]["model.pt"] and runs["yours"]["model.pt"]


def test_skeletons_fail_kindly(new_tree, side_by_side):
    """A skeleton in the learner's place is told as not written yet, without a red wall."""
    tree = new_tree("unwritten")
    for name, stem in STEMS.items():
        text = (SCAFFOLDS / f"{stem}_skeleton.py").read_text(encoding="utf-8")
        tree.write(name, text)
    stems = list(STEMS.values())
    programs = [f"checks/{stem}_test.py" for stem in stems] + ["checks/final_showcase.py"]
    results = side_by_side(*[lambda p=program: tree.python(p) for program in programs])
    for program, result in zip(programs, results, strict=True):
        assert (result.returncode, result.stderr) == (1, ""), program
        assert "not written yet" in result.stdout
        assert "Traceback" not in result.stdout and "❌" not in result.stdout
        assert len(result.stdout.splitlines()) < 15
        assert re.search(r"mini_gpt/\w+\.py:\d+", result.stdout)


def test_pytest_runs_the_facts(tree):
    """`python -m pytest` collects the facts of the four checks, and shows what a fact says."""
    shutil.copy(ROOT / ".pytest.ini", tree.root)
    collected = tree.python("-m", "pytest", "--collect-only", "-q").stdout
    for stem in STEMS.values():
        assert f"checks/{stem}_test.py::test_" in collected
    assert "final_showcase" not in collected
    facts = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "checks/01_tokenizer_test.py")
    code = (SCAFFOLDS / "reference" / "tokenizer.py").read_text(encoding="utf-8")
    line = code[: code.index("class CharTokenizer:")].count("\n") + 1
    for old, new, said in [
        ("dict.fromkeys(text)", "sorted(set(text))", "the characters are sorted"),
        ("class CharTokenizer:", "class CharTokenizer", f"mini_gpt/tokenizer.py:{line}"),
    ]:
        tree.write("tokenizer", code.replace(old, new))
        result = tree.python(*facts)
        assert result.returncode == 1 and said in result.stdout and "expected  " in result.stdout
        assert "raise Wrong" not in result.stdout


@pytest.fixture
def load():
    """A function that loads a correct variant into the learner's place. Returns its check too."""
    kept = {name: module.sys.modules.get(f"mini_gpt.{name}") for name in STEMS}

    def run(path):
        check = load_check(ROOT / "checks" / f"{path.parent.name}_test.py")
        return check, Lab(module.run(f"mini_gpt.{check.MODULE}", source.read(path)))

    yield run
    for name, before in kept.items():
        module.sys.modules.pop(f"mini_gpt.{name}", None)
        if before is not None:
            module.sys.modules[f"mini_gpt.{name}"] = before


@pytest.mark.filterwarnings("default")  # a variant may do what earns a warning: it is still right
@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_correct_variants_pass(load, path):
    """Correct code in every style passes all facts; two trainers also train on the story."""
    check, lab = load(path)
    trains = check.LOOP == 3 and path.stem in SLOW_VARIANTS
    for fact in facts_of(check):
        if trains or fact.seconds <= SLOW:
            fact(lab)
    lab.close()


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
def test_parts_may_start_at_zero(load, tmp_path, name, old, new):
    """A model may start with places, or with whole branches, that have no effect yet."""
    check, lab = load(changed(tmp_path, f"02_transformer/{name}.py", old, new))
    for fact in facts_of(check):
        fact(lab)
    lab.close()


def test_saving_by_keywords(load, tmp_path):
    """The arguments of torch.save may be given by their names."""
    old, new = "torch.save(checkpoint, temp_name)", "torch.save(obj=checkpoint, f=temp_name)"
    check, lab = load(changed(tmp_path, "03_training/bourke_train_step.py", old, new))
    check.test_save_is_safe(lab)
    lab.close()


def changed(tmp_path, name, old, new):
    """Write a variant in which one text is another, and return its path."""
    text = (ROOT / "tests" / "variants" / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_there_are_variants():
    """There are variants for each loop, and those that train on the story are among them."""
    for stem in STEMS.values():
        assert len([path for path in VARIANTS if path.parent.name == stem]) >= 10
    training = {path.stem for path in VARIANTS if path.parent.name == "03_training"}
    assert training >= SLOW_VARIANTS
