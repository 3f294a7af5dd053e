"""The reference keeps its promises: the numbers, and a clear word about every bad input."""

import doctest
import importlib
import io
import pickle
import sys

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from mini_gpt.story import STORY
from scaffolds.reference.sampler import finished_words, generate, generate_words
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import get_batch, load_checkpoint, save_checkpoint, train
from scaffolds.reference.transformer import MiniGPT, causal_attention

TRAINING = """
import torch
from mini_gpt.story import SEED, STORY, TRAINING_TEXT
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import train
from scaffolds.reference.transformer import MiniGPT
torch.set_num_threads(THREADS)
tokenizer = CharTokenizer(STORY)
torch.manual_seed(SEED)
model = MiniGPT(vocab_size=tokenizer.vocab_size)
losses = train(model, torch.tensor(tokenizer.encode(TRAINING_TEXT)), steps=100, seed=SEED)
print(f"from {losses[0]:.2f} to {losses[-1]:.2f} with {torch.get_num_threads()}")
"""


def small_model():
    """Make a small model. It needs no training to be saved, loaded or asked."""
    torch.manual_seed(1)
    return MiniGPT(vocab_size=16, n_embd=8, n_head=2, n_layer=1, block_size=12)


def batch(size):
    """Draw windows from nine ids."""
    return get_batch(torch.arange(9), 2, size, torch.Generator().manual_seed(1))


def learn(n_ids=16, **options):
    """Train a small model on a few ids."""
    return train(small_model(), torch.arange(n_ids), **options)


def continue_text(length=1, **options):
    """Let a small model continue a text of this length."""
    return generate(small_model(), torch.zeros(1, length, dtype=torch.int64), 2, **options)


REFUSALS = {
    "a number as text": (TypeError, lambda: CharTokenizer(7), ["a string", "int"]),
    "None as text": (TypeError, lambda: CharTokenizer(None), ["a string", "NoneType"]),
    "bytes to encode": (TypeError, lambda: CharTokenizer("").encode(b""), ["a string", "bytes"]),
    "id too large": (ValueError, lambda: CharTokenizer("a").decode([4]), ["0 to 3", "got 4"]),
    "id negative": (ValueError, lambda: CharTokenizer("a").decode([-1]), ["0 to 3", "got -1"]),
    "heads": (ValueError, lambda: MiniGPT(n_embd=64, n_head=5), ["divisible", "64 and 5"]),
    "long text": (
        ValueError,
        lambda: small_model()(torch.zeros(2, 13, dtype=torch.int64)),
        ["block_size 12", "got 13"],
    ),
    "short text": (ValueError, lambda: batch(9), ["needs 10 ids", "got 9"]),
    "short text to train": (ValueError, lambda: learn(steps=1), ["needs 65 ids", "got 16"]),
    "no steps": (ValueError, lambda: learn(steps=0), ["at least 1", "got 0"]),
    "negative steps": (ValueError, lambda: learn(steps=-1), ["at least 1", "got -1"]),
    "cold": (ValueError, lambda: continue_text(temperature=-1), ["0 or above", "got -1"]),
    "nan": (ValueError, lambda: continue_text(temperature=float("nan")), ["0 or above", "got nan"]),
    "no top": (ValueError, lambda: continue_text(top_k=0), ["1 to vocab_size 16", "got 0"]),
    "large top": (ValueError, lambda: continue_text(top_k=17), ["1 to vocab_size 16", "got 17"]),
    "no ids": (ValueError, lambda: continue_text(length=0), ["at least 1 token", "got 0"]),
    "no prompt": (
        ValueError,
        lambda: generate_words(small_model(), CharTokenizer(STORY), "", 2),
        ["at least 1 token", "got 0"],
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(case):
    """A bad input is refused at once, and the message names the value seen and the one wanted."""
    error, action, parts = REFUSALS[case]
    with pytest.raises(error) as caught:
        action()
    for part in parts:
        assert part in str(caught.value)


def test_limits_themselves_are_fine():
    """What is just within the limits works: a full block, a single window, every id as top_k."""
    assert small_model()(torch.zeros(2, 12, dtype=torch.int64)).shape == (2, 12, 16)
    assert batch(8)[1].tolist() == [[1, 2, 3, 4, 5, 6, 7, 8]] * 2
    assert continue_text(top_k=16, temperature=0).shape == (1, 3)
    assert len(learn(n_ids=5, block_size=4, steps=1)) == 1


def test_long_and_unknown_prompts():
    """A prompt beyond block_size and one of unknown characters are continued."""
    tokenizer = CharTokenizer(STORY)
    for prompt in ["QÜ語🙂", "red hen curled up. " * 9]:
        text = generate_words(small_model(), tokenizer, prompt, 2, temperature=0)
        assert text.startswith(tokenizer.decode(tokenizer.encode(prompt)).rstrip())
    assert continue_text(length=40)[:, :40].equal(torch.zeros(1, 40, dtype=torch.int64))


def test_parameter_counts():
    """The models have as many parameters as the design says."""
    for model, count in [(MiniGPT(), 145_764), (MiniGPT(vocab_size=16), 134_928)]:
        assert sum(parameter.numel() for parameter in model.parameters()) == count


@pytest.mark.parametrize("module", ["tokenizer", "transformer", "trainer", "sampler"])
def test_examples(module):
    """The examples in the docstrings come out as they stand there."""
    result = doctest.testmod(importlib.import_module(f"scaffolds.reference.{module}"))
    assert result.failed == 0 and (result.attempted or module in ("transformer", "trainer"))


@pytest.mark.parametrize("kind", ["tensor", "uint16 tensor", "list", "array", "memmap"])
def test_texts_of_every_kind(kind, tmp_path):
    """get_batch takes ids of every kind: int64 batches come out, and nobody is warned."""
    array = np.arange(40, dtype=np.uint16)
    array.tofile(tmp_path / "ids")
    ids = {
        "tensor": torch.arange(40),
        "uint16 tensor": torch.from_numpy(array),
        "list": list(range(40)),
        "array": array,
        "memmap": np.memmap(tmp_path / "ids", dtype=np.uint16, mode="r"),
    }[kind]
    x, y = get_batch(ids, 3, 8, torch.Generator().manual_seed(1))
    starts = torch.randint(32, (3,), generator=torch.Generator().manual_seed(1))
    assert x.equal(starts[:, None] + torch.arange(8)) and y.equal(x + 1)
    assert x.is_contiguous() and y.is_contiguous()
    # The batch is the caller's own: the text stays as it was.
    x.zero_()
    y.zero_()
    assert list(map(int, ids)) == list(range(40))


class Library:
    """A text of a million million ids, which nobody can read as a whole."""

    def __len__(self):
        """Tell how many ids there are."""
        return 10**12

    def __getitem__(self, part):
        """Return some of the ids."""
        return list(range(part.start, part.stop))


def test_only_the_windows_are_read():
    """get_batch reads the windows that it needs, so a text may be larger than the memory."""
    x, y = get_batch(Library(), 4, 8, torch.Generator().manual_seed(1))
    assert x.shape == (4, 8) and y.equal(x + 1)


def test_mode_comes_back_after_an_error():
    """train and generate leave the model in the mode that it was in, after an error too."""

    def stop(step, loss):
        raise KeyboardInterrupt

    for training in (True, False):
        model = small_model().train(training)
        with pytest.raises(KeyboardInterrupt):
            train(model, torch.arange(16), steps=2, block_size=4, on_step=stop)
        assert all(part.training is training for part in model.modules())
        with pytest.raises(IndexError):
            generate(model, torch.tensor([[99]]), 2)
        assert all(part.training is training for part in model.modules())


def test_words():
    """A word counts as finished when a space of any kind follows it; n_words of them are added."""
    texts = ["", " ", "once", "once ", "once\n", " once upon", "once upon  "]
    assert [finished_words(text) for text in texts] == [0, 0, 0, 1, 1, 1, 2]
    ids = {"a": 3, " ": 4}
    table = torch.full((16, 16), -9.0)
    table[ids["a"], ids[" "]] = table[ids[" "], ids["a"]] = 9  # after a comes a space, and so on
    model = torch.nn.Embedding.from_pretrained(table)
    model.config = {"vocab_size": 16, "block_size": 12}
    tokenizer = CharTokenizer("a bcdefghijklm")
    for prompt, told in [("a", "a a a"), ("a ", "a a a"), (" a", " a a a"), (" ", " a a")]:
        assert generate_words(model, tokenizer, prompt, 2, temperature=0) == told
    assert generate_words(model, tokenizer, "a", 0) == "a"


@pytest.mark.parametrize("shape", [(2, 3, 5, 8), (1, 1, 1, 4), (3, 2, 17, 6)])
def test_attention(shape):
    """causal_attention gives what PyTorch's own attention gives."""
    q, k, v = torch.randn(3, *shape, generator=torch.Generator().manual_seed(1))
    output, weights = causal_attention(q, k, v)
    torch.testing.assert_close(output, scaled_dot_product_attention(q, k, v, is_causal=True))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(shape[:-1]))


@pytest.mark.slow
def test_training_numbers(new_tree, side_by_side):
    """The documented losses come out with one and two threads, with and without AVX2.

    The third kind, whatever the processor offers, is what the check of loop 3 is tested with.
    """
    tree = new_tree("trained")
    runs = [(2, {"ATEN_CPU_CAPABILITY": "default"}), (1, {"ATEN_CPU_CAPABILITY": "avx2"})]
    actions = [
        lambda n=n, e=e: tree.python("-c", TRAINING.replace("THREADS", str(n)), **e)
        for n, e in runs
    ]
    told = [run.stdout.strip() for run in side_by_side(*actions)]
    assert told == [f"from 2.85 to 0.03 with {threads}" for threads, _ in runs]


@pytest.fixture
def borrowed(monkeypatch):
    """Let load_checkpoint make the reference's model, whatever mini_gpt/ holds just now."""
    for name in ("tokenizer", "transformer"):
        reference = importlib.import_module(f"scaffolds.reference.{name}")
        monkeypatch.setitem(sys.modules, f"mini_gpt.{name}", reference)


def test_checkpoint_round_trip(tmp_path, borrowed):
    """A model and its tokenizer come back as they were saved, and nothing lies beside them."""
    model, tokenizer, path = small_model(), CharTokenizer(STORY), tmp_path / "model.pt"
    for _ in range(2):  # the second time it replaces a file
        save_checkpoint(path, model, tokenizer)
    loaded, its_tokenizer = load_checkpoint(str(path))
    ids = torch.tensor([its_tokenizer.encode("hello")])
    assert loaded(ids).equal(model(ids)) and not loaded.training
    assert loaded.config == model.config and its_tokenizer.vocab == tokenizer.vocab
    assert [file.name for file in tmp_path.iterdir()] == ["model.pt"]


class Intruder:
    """A thing that makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        """Tell pickle what to call."""
        return (open, (self.path, "w"))


def saved(thing):
    """Return the bytes that torch.save writes."""
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def test_damaged_checkpoints(tmp_path, borrowed):
    """A file that is no whole checkpoint is refused by name, and no code in it runs."""
    path, trace = tmp_path / "model.pt", str(tmp_path / "was-here")
    with pytest.raises(FileNotFoundError, match="model.pt"):
        load_checkpoint(path)
    save_checkpoint(path, small_model(), CharTokenizer(STORY))
    whole, code = path.read_bytes(), Intruder(trace)
    damaged = [b"", b"hello", whole[:-20], whole[: len(whole) // 2], whole[:10], pickle.dumps(code)]
    part = {"version": 1, "config": small_model().config, "weights": small_model().state_dict()}
    other = [{"version": 2}, {"config": {}}, [1, 2], 3, {"version": 1, "config": code}, code, part]
    for data in [*damaged, *map(saved, other)]:
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"model\.pt.*train anew"):
            load_checkpoint(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.pt"]


@pytest.mark.slow
def test_trainer_stands_alone(tree):
    """The trainer can be imported while the other modules of mini_gpt are broken."""
    tree.write("tokenizer", "this is no Python")
    tree.write("transformer", "raise ValueError")
    result = tree.python("-c", "import scaffolds.reference.trainer")
    assert (result.returncode, result.stderr) == (0, "")


def test_saving_in_vain_leaves_nothing(tmp_path):
    """Saving into a folder that is not there, or over a folder, fails and leaves nothing."""
    (tmp_path / "folder").mkdir()
    for path in [tmp_path / "no" / "model.pt", tmp_path / "folder"]:
        with pytest.raises(OSError):
            save_checkpoint(path, small_model(), CharTokenizer(STORY))
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
