"""Loop 7, the attention map: listen to a model while it looks back, and draw where it looks."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import contextlib
import types

import torch
from tutor.facts.tensors import distance, expect_close, expect_shape
from tutor.facts.words import Wrong, about, expect_equal, expect_refusal, expect_type

from mini_gpt.paths import MODEL_FILE
from mini_gpt.story import STORY

SMALL = {"vocab_size": 11, "n_embd": 12, "n_head": 2, "n_layer": 3, "block_size": 9}
NEEDS = ("transformer",)
EXACT = 1e-6
HOME = "a_module_with_another_name"  # where the stand-in for a model lives
SPACES = (" ", "␣")


def random_maps(n_layer, n_head, T):
    """Make maps as a model would: no share is negative, later tokens get 0, a row makes 1."""
    generator = torch.Generator().manual_seed(T)
    scores = 2 * torch.randn(n_layer, n_head, T, T, generator=generator)
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    return list(scores.masked_fill(future, float("-inf")).softmax(-1))


@contextlib.contextmanager
def stand_in(n_layer=3, T=4, *, calls=True, has_name=True, named=False, fails=False):
    """Make a model in which everything can be seen, in a module of its own.

    Args:
        n_layer: how often it calls causal_attention.
        T: the length of its text.
        calls: whether it calls the function at all.
        has_name: whether its module has the function.
        named: whether it calls it with q=, k=, v=.
        fails: whether it ends with an error after the first layer.

    Yields:
        The module. Its model has maps (the true weights), seen (what came back to it), modes,
        gradients and runs.
    """
    module = types.ModuleType(HOME)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))
            self.config = {"block_size": 9}
            self.maps = random_maps(n_layer, 2, T)
            self.seen, self.modes, self.gradients, self.runs = [], [], [], 0

        def forward(self, ids):
            self.runs += 1
            for number in range(n_layer if calls else 0):
                self.modes.append(self.training)
                self.gradients.append(torch.is_grad_enabled())
                three = [torch.full((1, 2, T, 3), number + part / 10) for part in range(3)]
                attention = module.causal_attention
                answer = attention(**dict(zip("qkv", three))) if named else attention(*three)
                self.seen.append(answer)
                if fails:
                    raise RuntimeError("the model was made to fail here")
            return ids

    def causal_attention(q, k, v):
        number = int(q[0, 0, 0, 0])
        weights = (module.model.maps[number] * module.model.scale).unsqueeze(0)
        return v + k, weights

    if has_name:
        module.causal_attention = module.true = causal_attention
    Model.__module__ = HOME
    module.model = Model().eval()
    sys.modules[HOME] = module
    try:
        yield module
    finally:
        del sys.modules[HOME]


@contextlib.contextmanager
def small_gpt(lab, **sizes):
    """Make a MiniGPT. Afterwards, its module is as before: a listener that stays would go on."""
    with torch.random.fork_rng():
        torch.manual_seed(11)
        model = lab.other("transformer").MiniGPT(**sizes).eval()
    module = sys.modules[type(model).__module__]
    if not hasattr(module, "causal_attention"):
        expected = "a function causal_attention, which the model calls"
        raise Wrong("mini_gpt/transformer.py", expected, "there is none")
    kept = module.causal_attention
    try:
        yield model
    finally:
        module.causal_attention = kept


def some_ids(T=4):
    """Make the ids of a text, (1, T)."""
    return torch.arange(T).unsqueeze(0)


def expect_maps(called, maps, right):
    """Expect a list with a tensor for each layer."""
    expect_type(called, maps, list)
    if len(maps) != len(right):
        raise Wrong(called, f"a list of {len(right)} layers", f"a list of {len(maps)}")
    for number, (got, expected) in enumerate(zip(maps, right), 1):
        expect_shape(f"{called}: layer {number}", got, tuple(expected.shape))
    swapped = all(distance(a, b) < EXACT for a, b in zip(maps, right[::-1]))
    for number, (got, expected) in enumerate(zip(maps, right), 1):
        causes = {"the layers are in reverse order": got if swapped else expected}
        expect_close(f"{called}: layer {number}", got, expected, causes, EXACT)


@about("record_attention", needs=NEEDS)
def test_shapes(lab):
    """record_attention gives one map for each head, in a list with one tensor for each layer"""
    with small_gpt(lab, **SMALL) as model:
        for T in (5, 9, 1):
            called = lab.calls(f"record_attention(model, ids) with 3 layers, 2 heads, {T} tokens")
            maps = lab.module.record_attention(model, some_ids(T))
            expect_type(called, maps, list)
            if len(maps) != 3:
                raise Wrong(called, "a list of 3 layers", f"a list of {len(maps)}")
            for number, layer in enumerate(maps, 1):
                expect_shape(f"{called}: layer {number}", layer, (2, T, T))


@about("record_attention")
def test_weights(lab):
    """The maps are the weights of causal_attention, the first layer first"""
    for n_layer, T in [(1, 3), (3, 4)]:
        with stand_in(n_layer, T) as home:
            called = lab.calls(f"record_attention(model, ids) of a model with {n_layer} layers")
            maps = lab.module.record_attention(home.model, some_ids(T))
            expect_maps(called, maps, home.model.maps)
            if home.model.runs != 1:
                raise Wrong(called, "the model runs once", f"it runs {home.model.runs} times")


@about("record_attention")
def test_model_does_not_notice(lab):
    """The model gets from causal_attention what it always gets"""
    for named in (False, True):
        with stand_in(named=named) as home:
            how = "causal_attention(q=q, k=k, v=v)" if named else "causal_attention(q, k, v)"
            called = lab.calls(f"record_attention with a model that calls {how}")
            lab.module.record_attention(home.model, some_ids())
            for number, answer in enumerate(home.model.seen):
                if not isinstance(answer, tuple | list) or len(answer) != 2:
                    raise Wrong(called, "output and weights come back to the model", answer)
                output, weights = answer
                right = torch.full((1, 2, 4, 3), 2 * number + 0.3)
                if distance(output, right) > 1e-5:
                    likely = "the two are exchanged" if distance(weights, right) < 1e-5 else ""
                    raise Wrong(called, "the model gets the output first", "another one", likely)
                expect_close(called + ": weights", weights[0], home.model.maps[number])


@about("record_attention")
def test_name_put_back(lab):
    """Afterwards the name stands for the true function again, after an error too"""
    for fails in (False, True):
        with stand_in(fails=fails) as home:
            called = lab.calls("record_attention with a model that fails" * fails)
            called = called or lab.calls("record_attention(model, ids)")
            with contextlib.suppress(RuntimeError if fails else ()):
                lab.module.record_attention(home.model, some_ids())
            if home.causal_attention is not home.true:
                expected = "causal_attention of its module is the true function again"
                raise Wrong(called, expected, "it is another one: somebody still listens")


@about("record_attention")
def test_modes(lab):
    """It listens in eval mode and without gradients; mode, ids and random numbers stay"""
    for training in (True, False):
        for fails in (False, True):
            with stand_in(fails=fails) as home:
                expect_quiet(lab, home.model.train(training), training, fails)


def expect_quiet(lab, model, training, fails):
    """Expect eval mode and no gradients while it listens, and everything as before afterwards."""
    mode = "train mode" if training else "eval mode"
    called = lab.calls(f"record_attention with a model in {mode}" + ", which fails" * fails)
    ids, state, maps = some_ids(), torch.get_rng_state(), []
    with contextlib.suppress(RuntimeError if fails else ()):
        maps = lab.module.record_attention(model, ids)
    if any(model.modes):
        raise Wrong(called, "it runs in eval mode", "it runs in train mode")
    if any(model.gradients):
        likely = "torch.no_grad() is missing"
        raise Wrong(called, "no gradients while it runs", "gradients are kept", likely)
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        raise Wrong(called, "gradients on again afterwards", "they stay off, for everyone")
    if model.training != training:
        raise Wrong(called, f"{mode} again afterwards", "the other mode")
    if any(layer.requires_grad for layer in maps):
        raise Wrong(called, "maps cut off from the model: detach()", "maps that ask for gradients")
    if not torch.equal(ids, some_ids()):
        raise Wrong(called, "ids as they were", "they were changed")
    if not torch.equal(state, torch.get_rng_state()):
        raise Wrong(called, "PyTorch's random numbers untouched", "they are changed")


@about("record_attention", needs=NEEDS)
def test_nothing_to_hear(lab):
    """Where there is nothing to hear, a ValueError says so"""
    for how, why in [
        ({"has_name": False}, "its module has no causal_attention"),
        ({"calls": False}, "the model never calls causal_attention"),
    ]:
        with stand_in(**how) as home:
            called = lab.calls(f"record_attention(model, ids), but {why}")
            expect_refusal(called, lambda: lab.module.record_attention(home.model, some_ids()), why)
            if vars(home).get("causal_attention", "none") is not vars(home).get("true", "none"):
                raise Wrong(called, "the module as it was", "its causal_attention is another one")
    with small_gpt(lab, **SMALL) as model:
        called = lab.calls("record_attention(model, ids) with 10 ids, block_size 9")
        expect_refusal(
            called,
            lambda: lab.module.record_attention(model, some_ids(10)),
            "T must be up to block_size 9",
        )


def pencil_map():
    """Return the map of the worked example. What stands behind the token must not count."""
    rows = [[1, 0.9, 0.9, 0.9], [0.5, 0.5, 0.9, 0.9], [0.25, 0.5, 0.25, 0.9]]
    return torch.tensor([*rows, [0.1875, 0.4375, 0.0625, 0.3125]])


def expect_strongest(lab, place, n, expected, causes=None):
    """Expect these places of the worked example."""
    called = lab.calls(f'strongest(weights, list("wolf"), {place}, n={n})')
    got = lab.module.strongest(pencil_map(), list("wolf"), place, n=n)
    expect_type(called, got, list)
    for item in got:
        kinds = [type(value).__name__ for value in item] if isinstance(item, tuple) else item
        if kinds != ["int", "str", "float"]:
            raise Wrong(called, "tuples of int, str and float", f"{item!r}: {kinds}")
    expect_equal(called, got, expected, causes)


@about("strongest")
def test_strongest(lab):
    """strongest lists the places that get most, the largest first"""
    best = [(1, "o", 0.4375), (3, "f", 0.3125), (0, "w", 0.1875), (2, "l", 0.0625)]
    causes = {
        "the smallest come first": best[::-1][:3],
        "the places are in their order in the text": sorted(best)[:3],
        "only the first n places are looked at": [best[0], best[2], best[3]],
    }
    expect_strongest(lab, 3, 3, best[:3], causes)
    expect_strongest(lab, 3, 1, best[:1])
    expect_strongest(lab, 3, 2, best[:2])
    called = lab.calls('strongest(weights, list("wolf"), 3)')
    got = lab.module.strongest(pencil_map(), list("wolf"), 3)
    expect_equal(called + ": three, if nothing is said", got, best[:3])


@about("strongest")
def test_equals(lab):
    """Of equal shares, the earlier place comes first"""
    expect_strongest(lab, 1, 2, [(0, "w", 0.5), (1, "o", 0.5)])
    expect_strongest(lab, 2, 3, [(1, "o", 0.5), (0, "w", 0.25), (2, "l", 0.25)])
    expect_strongest(lab, 2, 2, [(1, "o", 0.5), (0, "w", 0.25)])
    called = lab.calls("strongest with ten equal shares, n=10")
    weights = torch.full((10, 10), 0.1)
    places = [item[0] for item in lab.module.strongest(weights, list("abcdefghij"), 9, 10)]
    expect_equal(called + ": the places", places, list(range(10)))


@about("strongest")
def test_no_later_place(lab):
    """A token looks at itself and back: later places are never listed"""
    expect_strongest(lab, 0, 3, [(0, "w", 1.0)])
    expect_strongest(lab, 1, 4, [(0, "w", 0.5), (1, "o", 0.5)])
    expect_strongest(lab, 2, 9, [(1, "o", 0.5), (0, "w", 0.25), (2, "l", 0.25)])
    weights = pencil_map()
    lab.calls("strongest(weights, tokens, 2)")
    lab.module.strongest(weights, list("wolf"), 2)
    if not torch.equal(weights, pencil_map()):
        raise Wrong("strongest(weights, tokens, 2)", "weights as they were", "they were changed")


@about("strongest")
def test_strongest_refusals(lab):
    """strongest refuses a place that is not there, n below 1, and tokens that do not fit"""
    for tokens, place, n, why in [
        ("wolf", 4, 3, "the places are 0 to 3"),
        ("wolf", -1, 3, "the places are 0 to 3"),
        ("wolf", 2, 0, "n is at least 1"),
        ("wolf", 2, -1, "n is at least 1"),
        ("wol", 1, 3, "there are 4 rows and 3 tokens"),
        ("wolfs", 1, 3, "there are 4 rows and 5 tokens"),
    ]:
        called = lab.calls(f'strongest(weights, list("{tokens}"), {place}, n={n})')
        expect_refusal(
            called,
            lambda: lab.module.strongest(pencil_map(), list(tokens), place, n=n),  # noqa: B023
            why,
        )


def copies(maps):
    """Return maps that may be changed."""
    return [layer.clone() for layer in maps]


def draw(lab, n_layer, n_head, text):
    """Let the learner draw maps, and return the maps, the figure, and what was done."""
    maps = random_maps(n_layer, n_head, len(text))
    called = lab.calls(f"attention_figure of {n_layer} layers, {n_head} heads, {len(text)} tokens")
    import matplotlib  # here: who does not draw does not need it
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        figure = lab.once(called, lambda: lab.module.attention_figure(copies(maps), list(text)))
    expect_type(called, figure, Figure)
    return maps, figure, called


def pictures_of(figure):
    """Return the axes of a figure that hold a picture, as they stand: row by row."""
    axes = [one for part in [figure, *figure.subfigs] for one in part.axes if one.images]
    axes = list(dict.fromkeys(axes))
    tops = {one: round(one.get_window_extent().y1) for one in axes}
    return sorted(axes, key=lambda one: (-tops[one], one.get_window_extent().x0))


def shown(axes):
    """Return what a picture shows: a list of rows, from the top and from the left."""
    import numpy

    rows = numpy.ma.filled(numpy.ma.masked_invalid(axes.images[0].get_array()), 0.0)
    rows = rows if axes.get_ylim()[0] > axes.get_ylim()[1] else rows[::-1]
    rows = rows if axes.get_xlim()[0] < axes.get_xlim()[1] else rows[:, ::-1]
    return torch.tensor(rows.tolist())


@about("attention_figure")
def test_one_picture_each(lab):
    """attention_figure draws one picture for each head: a layer is a row"""
    for n_layer, n_head in [(2, 3), (1, 1), (3, 1)]:
        maps, figure, called = draw(lab, n_layer, n_head, "wolf")
        axes = pictures_of(figure)
        if len(axes) != n_layer * n_head:
            raise Wrong(called, f"{n_layer * n_head} pictures", f"{len(axes)}, drawn with imshow")
        rows = [round(one.get_window_extent().y1) for one in axes]
        in_rows = [rows.count(top) for top in dict.fromkeys(rows)]
        if in_rows != [n_head] * n_layer:
            expected = f"{n_layer} rows of {n_head} pictures: a row for each layer"
            raise Wrong(called, expected, f"rows of {in_rows}")
        for one, right in zip(axes, [head for layer in maps for head in layer]):
            expect_picture(f"{called}: {one.get_title()}", one, right, maps)


def expect_picture(called, axes, right, maps):
    """Expect that a picture shows one head: the token that looks from the top."""
    got = shown(axes)
    expect_shape(called, got, tuple(right.shape))
    places = {
        f"it is the map of layer {row}, head {column}": head
        for row, layer in enumerate(maps, 1)
        for column, head in enumerate(layer, 1)
    }
    causes = {"rows and columns are exchanged": right.T, "it is upside down": right.flip(0)}
    expect_close(called, got, right, causes | places, EXACT)


@about("attention_figure")
def test_titles(lab):
    """The titles say which is which: from layer 1, head 1 on"""
    _, figure, called = draw(lab, 2, 3, "wolf")
    titles = [one.get_title().strip().lower() for one in pictures_of(figure)]
    right = [f"layer {layer}, head {head}" for layer in (1, 2) for head in (1, 2, 3)]
    from_zero = [f"layer {layer}, head {head}" for layer in (0, 1) for head in (0, 1, 2)]
    causes = {"layers and heads are counted from 0": from_zero}
    expect_equal(f"{called}: the titles", titles, right, causes)


@about("attention_figure")
def test_same_colors(lab):
    """The same color means the same in all pictures: from 0 to 1"""
    import matplotlib

    called = lab.calls("attention_figure of a map with weights from 0.1 to 0.6")
    with matplotlib.rc_context():
        maps = [0.1 + layer / 2 for layer in random_maps(1, 2, 4)]
        figure = lab.module.attention_figure(maps, list("wolf"))
    for one in pictures_of(figure):
        limits = tuple(float(limit) for limit in one.images[0].get_clim())
        expect_equal(f"{called}: vmin and vmax", limits, (0.0, 1.0))


@about("attention_figure")
def test_tokens_at_the_axes(lab):
    """Each picture has its tokens at both axes, from the top and from the left"""
    for text in ("hen up", "w"):
        _, figure, called = draw(lab, 1, 1, text)
        for one in pictures_of(figure):
            for name, axis, ends in [
                ("at the left", one.yaxis, one.get_ylim()[::-1]),
                ("below", one.xaxis, one.get_xlim()),
            ]:
                ticks = zip(axis.get_ticklocs(), axis.get_ticklabels())
                written = {round(float(at), 3): label.get_text() for at, label in ticks}
                in_order = written if ends[0] < ends[1] else dict(reversed(written.items()))
                labels = ["␣" if label in SPACES else label for label in in_order.values()]
                right = ["␣" if token == " " else token for token in text]
                expect_equal(f"{called}: tokens {name}", labels, right)
                expect_equal(f"{called}: their places", sorted(written), [*range(len(text))])


@about("attention_figure")
def test_figure_refusals(lab):
    """attention_figure refuses tokens that do not fit the maps"""
    maps = random_maps(2, 2, 4)
    for text in ("wol", "wolfs"):
        called = lab.calls(f'attention_figure of maps for 4 tokens, tokens list("{text}")')
        why = f"there are 4 rows and {len(text)} tokens"
        expect_refusal(called, lambda: lab.module.attention_figure(maps, list(text)), why)  # noqa: B023


@about("attention_figure")
def test_nothing_global(lab):
    """The figure is only returned: nothing is shown, saved or set for everyone"""
    called = lab.calls("attention_figure(weights, tokens)")
    import matplotlib
    from matplotlib.figure import Figure

    kept, saved, given = Figure.savefig, [], random_maps(1, 2, 4)
    Figure.savefig = lambda figure, *given, **named: saved.append(given)
    try:
        with matplotlib.rc_context():
            settings = dict.copy(matplotlib.rcParams)
            figure = lab.module.attention_figure(given, list("wolf"))
            now = dict.copy(matplotlib.rcParams)
    finally:
        Figure.savefig = kept
    changed = [name for name in settings if now[name] != settings[name]]
    if saved:
        raise Wrong(called, "nothing is saved", "savefig is called")
    if changed:
        raise Wrong(called, "matplotlib's settings as they were", f"{changed[0]} is changed")
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot and pyplot.get_fignums():
        pyplot.close("all")
        likely = "take matplotlib.figure.Figure: pyplot keeps every figure open until it is closed"
        raise Wrong(called, "no open figure is left behind", "pyplot has one", likely)
    figure.canvas.draw()  # it can be drawn
    if distance(given[0], random_maps(1, 2, 4)[0]) > 0:
        raise Wrong(called, "the weights as they were", "they were changed")


@about("record_attention", "strongest", needs=(*NEEDS, "tokenizer", "trainer"))
def test_story(lab):
    """The two together: where does the o of "world" look?"""
    text, place = "hello world", 7
    tokenizer = lab.other("tokenizer").CharTokenizer(STORY)
    with small_gpt(lab, vocab_size=tokenizer.vocab_size) as model:
        ids, name = torch.tensor([tokenizer.encode(text)]), "an untrained model"
        with contextlib.suppress(Exception):  # without a model, or with one that loop 3 explains
            loaded, own = lab.other("trainer").load_checkpoint(MODEL_FILE)
            if own.vocab == tokenizer.vocab:
                model, name = loaded, MODEL_FILE.name
        maps = lab.module.record_attention(model, ids)
    for number, layer in enumerate(maps, 1):
        heads = [lab.module.strongest(head, list(text), place, n=1)[0] for head in layer]
        best = max(heads, key=lambda item: item[2])
        where = f"layer {number}, head {heads.index(best) + 1} of {name}"
        lab.show(f'{where}: the o of "world" gives {best[2]:.1%} to {best[1]!r} at place {best[0]}')
