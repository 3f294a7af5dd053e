"""What a trainer and a sampler do, on inputs that no fact uses: see behaviour.py."""

import itertools
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from scaffolds.reference import tokenizer, transformer
from tools.outcomes import outcome

ROUNDS = 30


class Table(nn.Module):
    """A model that is small enough to be trained in a moment. It knows its mode."""

    def __init__(self, vocab_size: int = 7, block_size: int = 6):
        super().__init__()
        torch.manual_seed(13)
        self.rows = nn.Embedding(vocab_size, vocab_size)
        self.inner = nn.Dropout(0.2)
        self.config = {"vocab_size": vocab_size, "block_size": block_size}

    def forward(self, ids: Tensor) -> Tensor:
        """Score the next token by the sum of the rows so far: older ids count too."""
        if ids.shape[1] > self.config["block_size"]:
            raise IndexError(f"at most {self.config['block_size']} ids, got {ids.shape[1]}")
        return 2.0 * self.inner(self.rows(ids)).cumsum(dim=1)


def training(module: types.ModuleType) -> Iterator[object]:
    """Yield what comes of batches, of training, and of checkpoints."""
    draw = torch.Generator().manual_seed(14)
    for number in range(ROUNDS):
        ids = torch.randint(7, (9 + number,), generator=draw)
        size, source = 1 + number % 8, torch.Generator().manual_seed(number)
        yield module.get_batch(ids, 3, size, source)
        yield outcome(lambda: module.get_batch(ids[:size], 3, size, source))
    ids = torch.randint(7, (40,), generator=draw)
    for steps, batch_size, rate, seed, mode in itertools.product(
        (1, 4), (1, 5), (1e-3, 0.1), (0, 3), (True, False)
    ):
        model, told = Table().train(mode), []
        torch.manual_seed(15)
        losses = module.train(
            model,
            ids,
            steps=steps,
            batch_size=batch_size,
            block_size=6,
            learning_rate=rate,
            seed=seed,
            on_step=lambda *step: told.append(step),
        )
        yield losses, told, model.rows.weight.detach(), model.training, model.inner.training
        yield torch.rand(2), model.config
    yield outcome(lambda: module.train(Table(), ids, steps=0))
    yield outcome(lambda: module.train(Table(), ids[:3], steps=1), Exception)
    yield module.train(Table(), ids, steps=3, block_size=6)
    model = Table().eval()
    yield outcome(
        lambda: module.train(model, ids, block_size=6, on_step=lambda *step: 1 / 0), Exception
    )
    yield model.training, model.inner.training
    yield from saving(module)


def saving(module: types.ModuleType) -> Iterator[object]:
    """Yield what comes of checkpoints, whole ones and broken ones."""
    sizes = {"vocab_size": 8, "n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 5}
    torch.manual_seed(19)
    model, made = transformer.MiniGPT(**sizes), tokenizer.CharTokenizer("bca <")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in (folder / "a.pt", str(folder / "b")):
            module.save_checkpoint(path, model.train(), made)
            yield model.training, sorted(file.name for file in folder.iterdir())
            again, reader = module.load_checkpoint(path)
            yield again.config, again.state_dict(), again.training, reader.vocab
            yield [p.requires_grad for p in again.parameters()], type(again), type(reader)
        whole = (folder / "a.pt").read_bytes()
        (folder / "cut").write_bytes(whole[: len(whole) // 2])
        (folder / "empty").write_bytes(b"")
        torch.save(model, folder / "model")
        torch.save([1, 2], folder / "list")
        saved = torch.load(folder / "a.pt", weights_only=True)
        for key in sorted(saved):
            torch.save({k: v for k, v in saved.items() if k != key}, folder / f"no_{key}")
            torch.save(saved | {key: 99}, folder / f"odd_{key}")
        torch.save(saved | {"config": sizes | {"n_embd": 4}}, folder / "smaller")
        for file in sorted(folder.iterdir()):
            read = outcome(lambda: module.load_checkpoint(file), Exception)
            yield read if isinstance(read, str) else read[0].config
        yield outcome(lambda: module.load_checkpoint(folder / "none"), Exception)
        yield outcome(lambda: module.save_checkpoint(folder / "none" / "a", model, made), Exception)
        yield from interrupted(module, folder, model, made)


def interrupted(module: types.ModuleType, folder: Path, model: nn.Module, made: object) -> Iterator:
    """Yield what is left where writing ends halfway."""
    before, save = (folder / "a.pt").read_bytes(), torch.save

    def fail(what: object, file: object, *rest: object) -> None:
        save(1, file)
        raise OSError("the disk is full")

    torch.save = fail
    try:
        yield outcome(lambda: module.save_checkpoint(folder / "a.pt", model, made), OSError)
    finally:
        torch.save = save
    yield (folder / "a.pt").read_bytes() == before, len(list(folder.iterdir()))


def continuing(module: types.ModuleType) -> Iterator[object]:
    """Yield how texts go on."""
    draw = torch.Generator().manual_seed(16)
    temperatures, bests = (0, 1e-6, 0.3, 1.0, 4.0), (None, 1, 2, 5, 7)
    for temperature, top_k, T in itertools.product(temperatures, bests, (1, 5, 6, 9)):
        model = Table().train(T % 2 == 0)
        ids = torch.randint(7, (1, T), generator=draw)
        kept, source = ids.clone(), torch.Generator().manual_seed(T)
        yield module.generate(model, ids, 6, temperature, top_k, source)
        yield torch.equal(ids, kept), model.training, model.inner.training, model.config
        yield torch.rand(1, generator=source), torch.is_grad_enabled()
        torch.manual_seed(17)
        yield module.generate(model, ids, 4, temperature=temperature, top_k=top_k), torch.rand(1)
        yield module.generate(model, ids, 0).shape
    ids = torch.zeros(1, 3, dtype=torch.int64)
    odd = {"temperature": (-1.0, float("nan"), -1e-9), "top_k": (0, -1, 8)}
    for name, value in ((name, value) for name, values in odd.items() for value in values):
        yield outcome(lambda: module.generate(Table(), ids, 2, **{name: value}))
    model = Table(block_size=2)
    model.config["block_size"] = 9  # so it breaks on its way
    yield outcome(lambda: module.generate(model.train(), ids, 2), Exception), model.training
    yield from telling(module)


def telling(module: types.ModuleType) -> Iterator[object]:
    """Yield texts that go on by words."""
    made = tokenizer.CharTokenizer("ab c\n")
    for n_words, temperature, prompt in itertools.product(
        (0, 1, 2, 7), (0, 0.8, 3.0), ("a", "ab ", " b", "a  b\nc", "?x", "c" * 40, " ")
    ):
        for seed in (1, 2):
            model = Table(vocab_size=made.vocab_size)
            model.rows.weight.data[:, 0:3] -= 9.0
            source = torch.Generator().manual_seed(seed)
            yield module.generate_words(model, made, prompt, n_words, temperature, source).rstrip()
        torch.manual_seed(18)
        yield module.generate_words(Table(made.vocab_size), made, prompt).rstrip()
