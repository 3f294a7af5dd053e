"""Loop 3, the training: the model guesses, compares, and gets a little better, a hundred times."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import contextlib
import itertools
import math
from pathlib import Path

import torch
from tutor.facts import files, lessons
from tutor.facts.stand_ins import Probe, seeded, stop
from tutor.facts.story import story_floor, story_loss, train_on_story
from tutor.facts.tensors import distance, expect_shape
from tutor.facts.witness import global_dice, moved_files, optimizer_steps
from tutor.facts.words import Wrong, about, expect_equal, expect_type

from mini_gpt.paths import keep_other_model
from mini_gpt.story import SEED

TRAINING_SECONDS = 90.0
BOTH = ("tokenizer", "transformer")
SMALL = {"vocab_size": 9, "n_embd": 8, "n_head": 2, "n_layer": 1, "block_size": 12}


def counting(n, vocab_size=None):
    """Make the ids 0, 1, 2 ... n - 1, starting again at vocab_size."""
    return torch.arange(n) % (vocab_size or n)


@about("get_batch")
def test_batch_shapes(lab):
    """get_batch gives two batches of windows"""
    for batch_size, block_size in [(4, 7), (3, 3), (1, 5), (7, 38), (3, 1)]:
        sizes = f"batch_size={batch_size}, block_size={block_size}"
        called = lab.calls(f"get_batch(ids, {sizes}, generator)")
        batch = lab.module.get_batch(counting(40), batch_size, block_size, seeded(1))
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise Wrong(called, "two tensors, (x, y)", batch)
        for name, part in zip("xy", batch):
            expect_shape(f"{called}: {name}", part, (batch_size, block_size), "int64")


@about("get_batch")
def test_answers(lab):
    """y holds the right answers: the same window, one token later"""
    ids = torch.randperm(40, generator=seeded(8))  # no rule gives the order away
    kept, text = ids.clone(), ids.tolist()
    x, y = lab.module.get_batch(ids, 5, 6, seeded(1))
    called = lab.calls("get_batch(ids, 5, 6, generator) with 40 different ids")
    for row, answers in zip(x.tolist(), y.tolist()):
        start = text.index(row[0]) if row[0] in text else len(text)
        if row != text[start : start + 6]:
            raise Wrong(called, "windows of neighbours from the text", f"x has {row}")
        if answers != text[start + 1 : start + 7]:
            causes = {
                "x and y are the same window; y must start one later": text[start : start + 6],
                "y is one token earlier; it must be one later": text[start - 1 : start + 5],
                "y is two tokens later; it must be one": text[start + 2 : start + 8],
            }
            likely = [cause for cause, wrong in causes.items() if wrong == answers]
            expected = f"y is {text[start + 1 : start + 7]} where x is {row}"
            raise Wrong(called, expected, f"y is {answers}", *likely)
    if ids.tolist() != kept.tolist():
        raise Wrong(called, "ids unchanged", "ids were changed in place")


@about("get_batch")
def test_every_window(lab):
    """Every window that fits can be drawn, the first and the last one too"""
    called = lab.calls("get_batch(ids, 8, 6, generator) with the ids 0 to 8: three windows fit")
    generator, seen = seeded(2), set()
    for _ in range(40):
        x, _ = lab.module.get_batch(counting(9), 8, 6, generator)
        seen |= set(x[:, 0].tolist())
    if seen != {0, 1, 2}:
        got = f"starts {sorted(seen)} in 320 draws"
        raise Wrong(called, "windows that start at 0, 1 and 2", got)
    called = lab.calls("get_batch(ids, 2, 6, generator) with 7 ids, enough for one window")
    x, y = lab.module.get_batch(counting(7), 2, 6, seeded(1))
    expect_equal(f"{called}: x[0]", x[0].tolist(), [0, 1, 2, 3, 4, 5])
    expect_equal(f"{called}: y[0]", y[0].tolist(), [1, 2, 3, 4, 5, 6])
    short = "get_batch(ids, 2, 6, generator) with 6 ids, too few for a window"
    lab.remark_unless_refused(short, lambda: lab.module.get_batch(counting(6), 2, 6, seeded(1)))


@about("get_batch")
def test_generator_decides(lab):
    """The generator decides which windows are drawn, and nothing else does"""

    def starts(generator):
        return lab.module.get_batch(counting(1000), 16, 4, generator)[0][:, 0].tolist()

    called = lab.calls("get_batch(ids, 16, 4, generator)")
    torch.manual_seed(1)
    before = global_dice()
    first = starts(seeded(5))
    if global_dice() != before:
        raise Wrong(called, "the global random numbers untouched", "they moved on")
    torch.manual_seed(2)
    again, generator = starts(seeded(5)), seeded(6)
    other, next_one = starts(generator), starts(generator)
    if first != again:
        got = f"starts {first[:4]} ..., then {again[:4]} ..."
        raise Wrong(called + " twice, with equal generators", "the same windows", got)
    if first == other or other == next_one:
        raise Wrong(called + " with another generator", "other windows", "the same windows")
    if len(set(first)) < 8:
        got = f"only {len(set(first))} different windows"
        raise Wrong(called, "16 windows at different places", got)


def train_probe(lab, **options):
    """Train a probe, and return it with its losses."""
    words = [f"{name}={'...' if callable(value) else value}" for name, value in options.items()]
    lab.called = f"train({', '.join(['model', 'ids', *words])})"
    probe = Probe()
    losses = lab.module.train(probe, counting(400, 16), **({"steps": 4, "seed": 1} | options))
    return probe, losses


@about("train")
def test_losses(lab):
    """train returns the loss of each step, and tells each as it comes"""
    calls = []
    probe, losses = train_probe(lab, steps=7, on_step=lambda step, loss: calls.append((step, loss)))
    called = lab.calls("train(model, ids, steps=7, on_step=...)")
    expect_type(called, losses, list)
    expect_equal(called + ": how many losses", len(losses), 7)
    _, alone = train_probe(lab, steps=7)  # tells nobody
    with contextlib.suppress(InterruptedError):
        train_probe(lab, steps=1, on_step=stop)
        raise Wrong(called, "the error that on_step raises comes through", "no error")
    for loss in losses:
        if not isinstance(loss, float):
            likely = "loss.item() makes a number of a tensor" if hasattr(loss, "item") else ""
            raise Wrong(called, "losses that are float", f"a {type(loss).__name__}", likely)
        if not math.isfinite(loss):
            raise Wrong(called, "finite losses", loss)
    expect_equal(called + ": how often on_step is called", len(calls), 7)
    if not all(hasattr(loss, "__float__") for _, loss in calls):
        raise Wrong(called + ": the losses told", "numbers", calls[0][1])
    steps, told = [step for step, _ in calls], [float(loss) for _, loss in calls]
    if steps not in (list(range(1, 8)), list(range(7))):
        likely = "step and loss are the wrong way round" if steps == losses else ""
        raise Wrong(called + ": the steps told", list(range(1, 8)), steps, likely)
    if steps[0] == 0:
        lab.remark("on_step is told steps from 0. The recipe counts them from 1.")
    for words, others in [("the losses told", told), ("the losses without on_step", alone)]:
        if max(abs(a - b) for a, b in zip(others, losses)) > 1e-5:
            raise Wrong(f"{called}: {words}", losses, others)


@about("train")
def test_first_loss(lab):
    """The first loss is that of the untrained model"""
    _, losses = train_probe(lab, steps=1)
    called = lab.calls("the first loss, of a model that gives every one of 16 ids the same score")
    if abs(losses[0] - math.log(16)) > 1e-3:
        causes = {
            math.log(16) * 32: "the losses are added up over the batch; take their mean",
            math.log(16) * 32 * 64: "the losses are added up over all positions; take their mean",
            -math.log(16): "the sign is the wrong way round",
            math.log2(16): "the logarithm has base 2; PyTorch's cross_entropy has base e",
        }
        likely = [cause for value, cause in causes.items() if abs(losses[0] - value) < 1e-2]
        raise Wrong(called, f"ln 16 = {math.log(16):.4f}", f"{losses[0]:.4f}", *likely)


@about("train")
def test_windows_asked(lab):
    """train uses the batch_size, block_size and steps that it is given"""
    probe, _ = train_probe(lab, steps=3, batch_size=5, block_size=11)
    called = lab.calls("train(model, ids, steps=3, batch_size=5, block_size=11)")
    if not probe.calls:
        raise Wrong(called, "the model is called", "it was never called")
    for call in probe.lessons or probe.calls:
        expect_equal(called + ": the ids' shape", tuple(call.ids.shape), (5, 11))
    probe, _ = train_probe(lab, steps=1)
    called = lab.calls("train(model, ids, steps=1): the ids' shape")
    expect_equal(called, tuple((probe.lessons or probe.calls)[0].ids.shape), (32, 64))
    called = lab.calls("train(model, ids, steps=1, block_size=11) with 12 ids, just enough")
    losses = lab.module.train(Probe(), counting(12, 16), steps=1, block_size=11)
    expect_equal(called + ": how many losses", len(losses), 1)
    lessons.remark_unless_usual(lab, torch.randint(16, (400,), generator=seeded(3)))
    for n in (0, -1):
        called = f"train(model, ids, steps={n})"
        if not lab.remark_unless_refused(called, lambda: train_no_steps(lab, n)):
            break


def train_no_steps(lab, steps):
    """Train for no steps, or less. Where that is no error, end it with the first step."""
    with contextlib.suppress(InterruptedError):
        train_probe(lab, steps=steps, on_step=stop)


@about("train")
def test_parameters_move(lab):
    """Each step moves the parameters, the more the larger the learning rate"""
    moved = {}
    for rate in (0.001, 0.1):
        with optimizer_steps() as steps:
            probe, _ = train_probe(lab, steps=3, learning_rate=rate)
        moves = {name: float(p.detach().abs().max()) for name, p in probe.named_parameters()}
        moved[rate] = moves["table"]
        called = lab.calls(f"train(model, ids, steps=3, learning_rate={rate})")
        if not min(moves.values()) > 0:
            likely = lessons.why_still(probe, steps)
            raise Wrong(called, "every parameter moves", "some stayed as they were", likely)
    lessons.expect_every_step(lab, called, steps, 3)
    if moved[0.1] < 5 * moved[0.001]:
        called = lab.calls("train(model, ids, steps=3, ...) with learning_rate 0.001 and with 0.1")
        got = f"they moved {moved[0.001]:.4f} and {moved[0.1]:.4f}"
        raise Wrong(called, "parameters that move much further with 0.1", got)


@about("train")
def test_right_answers(lab):
    """Every place of a window teaches the model what comes next"""
    text = torch.randint(16, (400,), generator=seeded(3))
    probe = Probe()
    lab.module.train(probe, text, steps=3, batch_size=5, block_size=11, seed=1)
    called = lab.calls("train(model, ids, steps=3, batch_size=5, block_size=11)")
    for lesson in probe.lessons:
        lessons.expect_right_answers(called, lesson, text.tolist())


@about("train")
def test_each_loss(lab):
    """Each loss tells how well the model did on the batch of that step"""
    text, probe = torch.randint(16, (400,), generator=seeded(3)), Probe()
    called = lab.calls("train(model, ids, steps=4, learning_rate=1): the losses")
    # So large a step goes too far, and the loss rises: it is neither the least nor the mean so far.
    losses = lab.module.train(probe, text, steps=4, learning_rate=1.0, seed=1)
    real = [lessons.loss_of(lesson, text.tolist()) for lesson in probe.lessons]
    if len(real) == 4 and max(abs(a - b) for a, b in zip(losses, real)) > 1e-3:
        expected, got = (", ".join(f"{loss:.3f}" for loss in row) for row in (real, losses))
        raise Wrong(called, f"{expected}, the cross-entropy of each batch", got)


@about("train")
def test_learns_what_follows(lab):
    """The model learns what comes next"""
    circle = [0]
    while len(circle) < 16:  # each id has one successor, and no simple rule leads to it
        circle.append((5 * circle[-1] + 3) % 16)
    probe, ids = Probe(), torch.tensor(circle * 25)
    with optimizer_steps() as steps:
        losses = lab.module.train(probe, ids, steps=120, learning_rate=0.1, seed=1)
    called = lab.calls(f"train(model, ids, steps=120, learning_rate=0.1) on {circle[:5]} ...")
    if 0 < len(steps) < 120:
        raise Wrong(called + ": how often the optimizer steps", 120, len(steps))
    guesses = probe.table.detach().argmax(dim=1).tolist()
    if guesses[circle[0]] != circle[1] or guesses[circle[7]] != circle[8]:
        rises = losses[-1] > losses[0]
        likely = "the loss rises: the steps go the wrong way" if rises else ""
        got = f"after 0 it guesses {guesses[0]}, and the loss is {losses[-1]:.2f}"
        raise Wrong(called, f"after 0 it guesses {circle[1]}", got, likely)
    if losses[-1] > 0.5 * losses[0]:
        got = f"the loss goes from {losses[0]:.2f} to {losses[-1]:.2f} only"
        raise Wrong(called, "a loss that falls by half at least", got)


@about("train")
def test_gradients_are_fresh(lab):
    """Each step uses its own gradients, not those of earlier steps too"""
    probe, _ = train_probe(lab, steps=5)
    if len(probe.left_over) == 5 and max(probe.left_over) > 1e-7:
        called = lab.calls("train(model, ids, steps=5): the gradients at each step")
        got = "those of earlier steps added to them"
        likely = "gradients are never set to zero, so they add up"
        raise Wrong(called, "those of this step alone", got, likely)


@about("train")
def test_modes(lab):
    """The model trains in train mode, and is then as it was before"""
    for training, on_step in [(False, None), (True, None), (False, lambda *told: None)]:
        probe = Probe().train(training)
        lab.module.train(probe, counting(400, 16), steps=2, seed=1, on_step=on_step)
        name = {True: "train mode", False: "eval mode"}
        called = lab.calls(f"train(model, ids) with a model in {name[training]}")
        if not all(lesson.in_train_mode for lesson in probe.lessons):
            raise Wrong(called, "it trains in train mode", "it trains in eval mode")
        for part, mode in [("the model", probe.training), ("a layer in it", probe.inner.training)]:
            if mode != training:
                raise Wrong(called, f"{name[training]} again afterwards", f"{part} in {name[mode]}")
        expect_equal("the model's config after train", probe.config, Probe().config)


@about("train")
def test_seed(lab):
    """The seed decides which windows come, and global random numbers stay untouched"""

    def losses(seed, global_seed):
        torch.manual_seed(global_seed)
        text = torch.randint(16, (400,), generator=seeded(3))
        probe = Probe()
        losses = lab.module.train(probe, text, steps=3, seed=seed)
        windows = [lesson.ids.tolist() for lesson in probe.lessons]
        if windows and all(batch == windows[0] for batch in windows):
            raise Wrong("train(model, ids, steps=3)", "new windows in each step", "always the same")
        return losses

    first, again, other = losses(0, 1), losses(0, 2), losses(2, 1)
    called = lab.calls("train(model, ids, seed=0)")
    if max(abs(a - b) for a, b in zip(first, again)) > 1e-6:
        raise Wrong(called + " twice", "the same losses", f"{first}, then {again}")
    if first == other:
        raise Wrong(called + " and seed=2", "different losses", "the same ones")
    torch.manual_seed(7)
    before = global_dice()
    lab.module.train(Probe(), counting(400, 16), steps=2, seed=0)
    if global_dice() != before:
        raise Wrong(called, "the global random numbers as they were", "they are changed")


def trained(lab):
    """Return the trained model, its tokenizer, its losses, and its real loss after the last steps.

    It is trained only once.
    """

    def train():
        real, steps = [], itertools.count(1)

        def look(model, tokenizer):
            if next(steps) > 95:
                real.append(story_loss(model, tokenizer))

        return *train_on_story(lab, lab.module.train, look=look), real

    return lab.once("trained", train)


def improvement(losses):
    """Return by how much the loss fell, from 0 to 1. The mean of the last five evens out luck."""
    return 1 - (sum(losses[-5:]) / 5) / losses[0]


@about("train", seconds=TRAINING_SECONDS, needs=BOTH)
def test_story(lab):
    """After 100 steps on the story, the loss has fallen by 97 %"""
    losses = trained(lab)[2]
    if improvement(losses) < 0.97:
        second = train_on_story(lab, lab.module.train, SEED + 1)[2]
        losses = max(losses, second, key=improvement)
    called = lab.calls("train(model, ids, steps=100) on the story")
    start, end, percent = losses[0], sum(losses[-5:]) / 5, 100 * improvement(losses)
    if percent < 90:
        got = f"from {start:.2f} to {end:.2f}, that is {percent:.0f} %, with two seeds"
        raise Wrong(called, "a loss that falls by 97 %", got)
    lab.show(f"Loss decreased from {losses[0]:.2f} to {losses[-1]:.2f}")
    if percent < 97:
        lab.remark(
            f"The loss fell by {percent:.1f} %, and 97 % is usual. A learning rate schedule,"
            " a small initialisation or a smaller learning rate does that. It is no mistake."
        )


@about("train", seconds=TRAINING_SECONDS, needs=BOTH)
def test_honest_loss(lab):
    """The loss is what the model really achieves, and not below what is possible"""
    model, tokenizer, losses, steps = trained(lab)
    floor, real, told = story_floor(), story_loss(model, tokenizer), sum(losses[-5:]) / 5
    if real < 0.95 * floor:
        called = lab.calls("the trained model's loss on all windows of the story")
        likely = (
            "the model sees the answers; python checks/02_transformer_test.py looks for the leak"
        )
        raise Wrong(called, f"{floor:.4f} or more, the entropy of the story", f"{real:.4f}", likely)
    # A last step that jumps changes the model, but not what the steps before it told.
    if not 0.5 * min([real, *steps]) < told < 2 * max([real, *steps]) + 0.05:
        called = lab.calls("the last losses that train returned")
        raise Wrong(called, f"near {real:.3f}, the trained model's loss", f"{told:.3f}")
    lab.show(f"The lowest possible loss on this story is {floor:.4f}; the model has {real:.4f}")


@about("train", seconds=TRAINING_SECONDS, needs=BOTH)
def test_prediction(lab):
    """The trained model knows how "hello worl" goes on"""
    model, tokenizer, *_ = trained(lab)
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer.encode("hello worl")]))[0, -1]
    probability, best = torch.softmax(logits, dim=-1).max(dim=-1)
    guess = tokenizer.vocab[int(best)]
    if guess != "d":
        raise Wrong('the most likely character after "hello worl"', "d", guess)
    lab.show(f"hello worl[{guess}] with probability {float(probability):.1%}")


def make_small_model(lab, tokenizer):
    """Make a small model whose every size differs from the defaults."""
    torch.manual_seed(4)
    return lab.other("transformer").MiniGPT(**(SMALL | {"vocab_size": tokenizer.vocab_size}))


@about("load_checkpoint", "save_checkpoint", needs=BOTH)
def test_checkpoint(lab):
    """A saved model comes back as it was, with its tokenizer, ready to be used"""
    CharTokenizer = lab.other("tokenizer").CharTokenizer
    tokenizer = CharTokenizer("we say zoo")
    model = make_small_model(lab, tokenizer)
    ids = (torch.arange(SMALL["block_size"]) % tokenizer.vocab_size)[None]
    for path in (lab.folder / "a" / "small.pt", str(lab.folder / "b" / "small.pt")):
        Path(path).parent.mkdir(exist_ok=True)
        for _ in range(2):  # the second time, the file is there already
            lab.module.save_checkpoint(path, model, tokenizer)
        there = sorted(file.name for file in Path(path).parent.iterdir())
        expect_equal("the files after save_checkpoint", there, ["small.pt"])
        loaded = files.load_saved(lab, path)
        called = lab.calls("load_checkpoint(path)")
        if not isinstance(loaded, tuple | list) or len(loaded) != 2:
            raise Wrong(called, "(model, tokenizer)", loaded)
        if hasattr(loaded[0], "encode"):
            raise Wrong(called, "(model, tokenizer)", "the two the other way round")
        expect_equal(called + ": the tokenizer's vocab", loaded[1].vocab, tokenizer.vocab)
        expect_equal(called + ": the model's config", loaded[0].config, model.config)
        if loaded[0].training:
            raise Wrong(called, "a model in eval mode", "a model in train mode")
        with torch.no_grad():
            if distance(loaded[0](ids), model.eval()(ids)) > 1e-6:
                raise Wrong(called, "a model with the saved parameters", "other parameters")
    if files.loads_a_part(lab, Path(path)):
        lab.remark("A file that lacks a part of the model is loaded too: better refuse it.")


@about("save_checkpoint", needs=BOTH)
def test_save_is_safe(lab):
    """If saving fails half-way, the old file is still whole"""
    CharTokenizer = lab.other("tokenizer").CharTokenizer
    tokenizer = CharTokenizer("abc")
    path = lab.folder / "safe" / "kept.pt"
    path.parent.mkdir(exist_ok=True)

    def save(head=0.0):
        model = make_small_model(lab, tokenizer)
        with torch.no_grad():
            next(model.parameters()).fill_(head)
        lab.module.save_checkpoint(path, model, tokenizer)

    save()
    before = path.read_bytes()
    told = files.fails_on_full_disk(save)
    if not path.is_file() or path.read_bytes() != before:
        called = "save_checkpoint over an old file, when the disk is full half-way"
        raise Wrong(called, "the old file, whole", "the old file is destroyed")
    left = [file.name for file in path.parent.iterdir() if file != path]
    if left:
        lab.remark(f"a save that failed leaves {left[0]} behind: better take it away again")
    if not told:
        lab.remark("a save that failed raises no error, so nobody knows: better pass it on")
    called = lab.calls("save_checkpoint over an old file")
    with moved_files() as moves:
        overwritten = files.is_overwritten(path, lambda: save(head=1.0))
    if overwritten:
        got = "the old file is written over, bit by bit: a power cut would leave neither"
        raise Wrong(called, "a new file takes its place in one go", got)
    far = [a.parent for a, b in moves if not a.is_relative_to(b.parent)]
    if far:
        lab.remark(
            f"The temporary file lies in {far[0]}, not beside {path.name}. If that is another disk,"
            " os.replace fails. Make it in the same folder."
        )


@about("load_checkpoint")
def test_load_is_safe(lab):
    """A file from a stranger cannot run code"""
    trace = lab.folder / "was-here"
    file = lab.folder / "stranger.pt"
    torch.save({"config": files.Intruder(str(trace)), "vocab": files.Intruder(str(trace))}, file)
    try:
        lab.module.load_checkpoint(file)
    except Exception:
        pass  # any refusal will do
    if trace.exists():
        called = lab.calls("load_checkpoint on a file that carries code")
        raise Wrong(called, "a refusal", "the code ran", "torch.load needs weights_only=True")


@about("save_checkpoint", seconds=TRAINING_SECONDS, needs=BOTH)
def test_model_file(lab):
    """The trained model is kept for loop 4"""
    model, tokenizer, *_ = trained(lab)
    if lab.model_file is None:
        lab.show("Not saved: only mini_gpt/trainer.py itself writes model.pt")
        return
    lab.called = f'save_checkpoint("{lab.model_file.name}", model, tokenizer)'
    kept = keep_other_model(lab.model_file, tokenizer.vocab, lab.module.load_checkpoint)
    lab.module.save_checkpoint(lab.model_file, model, tokenizer)
    if kept:
        lab.show(f"The model that was in {lab.model_file.name} is now in {kept.name}")
    lab.show(f"Model saved to {lab.model_file.name}")
