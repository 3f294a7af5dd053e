"""Loop 10, the KV cache: keep what each token has worked out, and calculate only what is new."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import itertools

import torch
from tutor.facts.cached import (
    Counter,
    calculate,
    continued,
    feed,
    first_slips,
    pencil_model,
    plain,
    random_ids,
    slips,
)
from tutor.facts.stand_ins import seeded
from tutor.facts.tensors import are_near, distance, expect_close, expect_shape
from tutor.facts.words import Wrong, about, expect_equal, expect_refusal, expect_type

SMALL = {"vocab_size": 11, "n_embd": 12, "n_head": 3, "n_layer": 3, "block_size": 16}
TINY = {"vocab_size": 7, "n_embd": 4, "n_head": 2, "n_layer": 2, "block_size": 6}
RESTLESS = SMALL | {"n_layer": 2, "block_size": 6}  # its texts do not settle on one token
CHUNKS = (1, 5, 2, 8)
SEED = 20
PARTS = ("norm_1", "attention.qkv", "attention.output", "norm_2", "mlp")
DRAWS = (20, 120)  # a few first: what is far off shows at once
EXACT = 1e-9  # numbers with 16 digits: what is right differs by less than this
NEEDS, BOTH = ("transformer",), ("transformer", "sampler")


def make_model(lab, dtype=torch.float64, **sizes):
    """Make a model in which every part has an effect, always the same, in eval mode."""
    with torch.random.fork_rng():  # a new model draws random numbers, which it does not keep
        model = lab.other("transformer").MiniGPT(**sizes).eval().to(dtype)
    generator = seeded(SEED)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            numbers = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            # A layer adds up as many numbers as it has columns, and its result should stay alike.
            is_layer = parameter.ndim > 1 and "embedding" not in name
            scale = 2 / parameter.shape[1] ** 0.5 if is_layer else 1 if parameter.ndim > 1 else 0.3
            parameter.copy_(numbers * scale + ("norm" in name and "weight" in name))
    return model


def expect_chunks(lab, model, ids, chunks):
    """Expect that chunk by chunk the same comes out as all at once."""
    right = plain(model, ids)
    for start, end, logits in feed(lab, model, ids, chunks):
        called = f"{lab.called}: what model(all tokens) gives there"
        if logits is None:
            expect_type(lab.called, logits, torch.Tensor)
        expect_shape(lab.called, logits, right[:, start:end].shape)
        try:
            expect_close(called, logits, right[:, start:end], tolerance=EXACT)
        except Wrong as wrong:
            wrong.likely = lambda: likely_slip(model, ids[:, :end], start, logits)  # noqa: B023
            raise


def likely_slip(model, ids, old, logits):
    """Say which slip leads to these logits of the new tokens. It is asked for in reports only."""
    causes = slips(model, ids, old) if old else first_slips(model, ids, ids.shape[1])
    return "; ".join(c for c, wrong in causes.items() if distance(logits, wrong) < EXACT)


@about(needs=NEEDS)
def test_model(lab):
    """The model of loop 2 has the parts that a cache looks into"""
    called = lab.calls("MiniGPT of mini_gpt/transformer.py")
    model = make_model(lab, **SMALL)
    names = ["token_embedding", "position_embedding", "blocks", "norm", "head"]
    names += [f"blocks.0.{part}" for part in PARTS]
    for name in names:
        try:
            model.get_submodule(name)
        except AttributeError:
            has = ", ".join(part for part, _ in model.named_children())
            raise Wrong(called, f"a part {name}", f"there is none; it has {has}") from None
    ids = random_ids(2, 9)
    if distance(calculate(model, ids), plain(model, ids)) > EXACT:
        expected = "x + attention(norm_1(x)), then x + mlp(norm_2(x)), in each block"
        got = "other numbers: its parts are put together in another way"
        raise Wrong(called, expected, got)


@about("KVCache", needs=NEEDS)
def test_new_cache(lab):
    """A new cache holds no token"""
    called = lab.calls("KVCache(model).length")
    length = lab.module.KVCache(make_model(lab, **TINY)).length
    expect_equal(called, length, 0)


@about("forward_with_cache", needs=NEEDS)
def test_first_tokens(lab):
    """With an empty cache, the same comes out as from the model"""
    for sizes, B, T in [(SMALL, 2, 1), (SMALL, 2, 9), (SMALL | {"n_head": 1}, 1, 4)]:
        expect_chunks(lab, make_model(lab, **sizes), random_ids(B, T), [T])


@about("forward_with_cache", "KVCache", needs=NEEDS)
def test_length(lab):
    """The cache counts the tokens that it holds"""
    model = make_model(lab, **SMALL)
    cache = lab.module.KVCache(model)
    for start, end, _ in feed(lab, model, random_ids(2, 16), [3, 1, 4], cache):
        called = f"cache.length after {end - start} tokens more, {start} were there"
        causes = {
            "it stays 0": 0 if start else None,
            "it is only what came last": end - start if start else None,
            "it counts once for each layer": start + 3 * (end - start),
            "it counts the calls": {3: 1, 4: 2, 8: 3}[end],
        }
        length = cache.length
        if torch.is_tensor(length) and length.numel() == 1:
            length = int(length)
        expect_equal(called, length, end, causes)


@about("forward_with_cache", needs=NEEDS)
def test_one_more(lab):
    """One token more: it stands behind the others, and looks back at them"""
    expect_chunks(lab, make_model(lab, **TINY | {"n_layer": 1}), random_ids(2, 4), [3, 1])
    expect_chunks(lab, make_model(lab, **SMALL), random_ids(2, 6), [3, 1, 1, 1])


@about("forward_with_cache", needs=NEEDS)
def test_by_hand(lab):
    """The worked example: token 1 is in the cache, 2 and 3 come together and find 10 and 14"""
    model, ids = pencil_model(lab), torch.tensor([[1, 2, 3]])
    first = "the worked example, token 1 with an empty cache"
    both = "the worked example, tokens 2 and 3 together with token 1 in the cache"
    cache = lab.module.KVCache(model)
    for called, new, expected in [(first, ids[:, :1], [6.0]), (both, ids[:, 1:], [10.0, 14.0])]:
        logits = lab.module.forward_with_cache(model, new, cache)
        expect_shape(lab.calls(called), logits, (1, len(expected), 4))
        found = [round(number, 4) for number in logits[0, :, 0].tolist()]
        causes = {
            "nothing is hidden: token 2 sees token 3": [14.0, 14.0],
            "the triangle starts at the wrong corner": [6.0, 10.0],
            "the new ones stand before the old one": [15.6, 14.0],
            "the cache is not looked at": [12.0, 15.6],
        }
        expect_equal(called, found, expected, causes)


@about("forward_with_cache", needs=NEEDS)
def test_chunks(lab):
    """Several tokens at once behind others: in chunks of 1, 5, 2 and 8 the same comes out"""
    expect_chunks(lab, make_model(lab, **TINY | {"n_layer": 1}), random_ids(2, 5), [2, 3])
    expect_chunks(lab, make_model(lab, **SMALL | {"n_layer": 1}), random_ids(2, 16), CHUNKS)
    expect_chunks(lab, make_model(lab, **SMALL), random_ids(2, 16), CHUNKS)


@about("forward_with_cache", needs=NEEDS)
def test_all_chunkings(lab):
    """However a text is cut, and whatever sizes the model has, the same comes out"""
    model, ids = make_model(lab, **TINY), random_ids(3, 5)
    for cuts in itertools.product((False, True), repeat=4):
        places = [0, *(n for n, cut in enumerate(cuts, 1) if cut), 5]
        expect_chunks(lab, model, ids, [b - a for a, b in itertools.pairwise(places)])
    for sizes in [{"n_head": 1, "n_layer": 1}, {"n_head": 4}, {"n_head": 6, "n_layer": 2}]:
        expect_chunks(lab, make_model(lab, **SMALL | sizes), random_ids(1, 7), [4, 2, 1])
    called = lab.calls("forward_with_cache of a model with numbers of type float32")
    model = make_model(lab, torch.float32, **TINY)
    for start, end, logits in feed(lab, model, ids, [2, 3]):
        right = plain(model, ids)[:, start:end]
        expect_shape(called, logits, right.shape, "float32")
        expect_close(called, logits, right)


@about("KVCache.__init__", "KVCache", "forward_with_cache", needs=NEEDS)
def test_two_caches(lab):
    """Two caches share nothing, and neither do two texts in one cache"""
    model = make_model(lab, **SMALL)
    texts = [random_ids(2, 8, seed=5), random_ids(2, 8, seed=6)]
    right = [plain(model, ids) for ids in texts]
    called = lab.calls("forward_with_cache for two texts in turn, each with a cache of its own")
    caches = [lab.module.KVCache(model) for _ in texts]
    for start, end in [(0, 3), (3, 4), (4, 8)]:
        for ids, cache, logits in zip(texts, caches, right):
            got = lab.module.forward_with_cache(model, ids[:, start:end], cache)
            expect_close(called, got, logits[:, start:end], tolerance=EXACT)
    new = lab.module.KVCache(model)
    expect_equal("KVCache(model).length while others are full", int(new.length), 0)


@about("forward_with_cache", needs=NEEDS)
def test_only_what_is_new(lab):
    """Only the new tokens go through the model"""
    model = make_model(lab, **SMALL)
    counter = Counter(model)
    before = dict(counter.tokens)
    for start, end, _ in feed(lab, model, random_ids(1, 16), CHUNKS):
        for name, count in counter.tokens.items():
            expected, got = end - start, count - before[name]
            likely = ""
            if got == end:
                likely = "the tokens in the cache are calculated again"
            elif got == 0:
                likely = f"call the part {name} itself, not what is in it"
            if got != expected:
                raise Wrong(f"{lab.called}: tokens through {name}", expected, got, likely)
        before = dict(counter.tokens)


@about("forward_with_cache", needs=NEEDS)
def test_full_cache(lab):
    """A text of block_size tokens fits. One more is refused, and the cache stays as it was"""
    model, ids = make_model(lab, **SMALL), random_ids(2, 16)
    right = plain(model, ids)
    for old, too_many in [(0, 17), (10, 7), (16, 1), (15, 5)]:
        cache = lab.module.KVCache(model)
        if old:
            lab.calls(f"forward_with_cache with {old} tokens, block_size 16")
            lab.module.forward_with_cache(model, ids[:, :old], cache)
        called = lab.calls(
            f"forward_with_cache with {too_many} new tokens, {old} in the cache, block_size 16"
        )
        expect_refusal(
            called,
            lambda: lab.module.forward_with_cache(model, random_ids(2, too_many), cache),
            "there are only 16 places",
        )
        expect_equal("cache.length after a refusal", int(cache.length), old)
        if old < 16:
            lab.calls(f"forward_with_cache with {16 - old} tokens, after a refusal")
            logits = lab.module.forward_with_cache(model, ids[:, old:], cache)
            expect_close(lab.called, logits, right[:, old:], tolerance=EXACT)


@about("forward_with_cache", needs=NEEDS)
def test_nothing_else_changes(lab):
    """Model, mode, ids and random numbers stay as they were, and no gradients are kept"""
    for training in (True, False):
        model, ids = make_model(lab, **TINY).train(training), random_ids(2, 6)
        right, kept, state = plain(model, ids), ids.clone(), torch.get_rng_state()
        numbers = [parameter.detach().clone() for parameter in model.parameters()]
        mode = "train mode" if training else "eval mode"
        for start, _, logits in feed(lab, model, ids, [2, 3, 1]):
            called = f"{lab.called}, model in {mode}"
            if logits.requires_grad:
                likely = "torch.no_grad() is missing"
                raise Wrong(called, "no gradients", "logits that ask for a gradient", likely)
            if not torch.is_grad_enabled():
                torch.set_grad_enabled(True)
                raise Wrong(called, "gradients on again afterwards", "they stay off, for everyone")
            if model.training != training:
                raise Wrong(called, f"the model stays in {mode}", "it is in the other mode")
            if not torch.equal(ids, kept):
                raise Wrong(called, "ids as they were", "they were changed")
            if not torch.equal(state, torch.get_rng_state()):
                raise Wrong(called, "PyTorch's random numbers untouched", "they are changed")
        if any(distance(a, b) > 0 for a, b in zip(numbers, model.parameters())):
            raise Wrong(called, "the model's numbers as they were", "they were changed")
        try:
            after = plain(model, ids)
        except Exception as error:
            error.expected = "model(ids) gives what it gave before"
            raise
        if distance(after, right) > EXACT:
            got = "something else: what was changed in the model must be put back"
            raise Wrong(f"model(ids) after {called}", "what it gave before", got)


@about("forward_with_cache", "KVCache", needs=NEEDS)
def test_missing_part(lab):
    """Where a part of the model has another name, an error tells which"""
    for owner, name in [("", "head"), ("blocks.1.attention", "qkv"), ("blocks.0", "norm_2")]:
        model = make_model(lab, **TINY)
        delattr(model.get_submodule(owner), name)
        called = lab.calls(f"forward_with_cache with a model that has no {name} in {owner or 'it'}")
        try:
            lab.module.forward_with_cache(model, random_ids(1, 2), lab.module.KVCache(model))
        except Exception as error:
            if name not in str(error):
                got = f"{type(error).__name__}: {error}"
                raise Wrong(called, f"an error that speaks of {name}", got) from None
            continue
        raise Wrong(called, f"an error that speaks of {name}", "none")


@about("forward_with_cache", needs=NEEDS)
def test_strangers(lab):
    """A cache belongs to one model, and to as many texts as it began with"""
    model, other = make_model(lab, **TINY), make_model(lab, **TINY)
    for ids, used, why in [
        (random_ids(1, 1), other, "a cache of another model"),
        (random_ids(3, 1), model, "3 texts after 2"),
        (random_ids(1, 1), model, "1 text after 2"),
    ]:
        cache = lab.module.KVCache(model)
        begin = random_ids(1 if used is other else 2, 2)
        lab.module.forward_with_cache(model, begin, cache)
        try:
            lab.module.forward_with_cache(used, ids, cache)
        except Exception:
            continue
        lab.remark(f"forward_with_cache takes {why} without a word. A ValueError would be kinder.")


def expect_greedy(lab, model, prompt, n):
    """Expect the same text as without a cache."""
    T, room = prompt.shape[1], model.config["block_size"]
    called = lab.calls(
        f"generate_cached(model, ids, {n}, temperature=0) with {T} ids, block_size {room}"
    )
    right, kept = continued(model, prompt, n)[0].tolist(), prompt.clone()
    ids = lab.module.generate_cached(model, prompt, n, 0)
    expect_shape(called, ids, (1, T + n), "int64")
    expect_equal(called, ids[0].tolist(), right)
    if not torch.equal(prompt, kept):
        raise Wrong(called, "the caller's ids as they were", "they were changed")


@about("generate_cached", needs=BOTH)
def test_same_text(lab):
    """At temperature 0 generate_cached writes the same text as generate"""
    model = make_model(lab, **SMALL)
    for T, n in [(1, 1), (4, 6), (1, 16), (15, 2), (16, 1), (3, 0)]:
        for seed in range(2):
            expect_greedy(lab, model, random_ids(1, T, seed=10 + seed), n)


@about("generate_cached", needs=BOTH)
def test_beyond(lab):
    """Beyond block_size every token moves to another place: the last ones are calculated anew"""
    model = make_model(lab, **RESTLESS)
    for T, n in [(6, 2), (6, 4), (2, 12), (7, 1), (9, 3)]:
        for seed in range(3):
            expect_greedy(lab, model, random_ids(1, T, seed=20 + seed), n)


@about("generate_cached", needs=BOTH)
def test_nothing_twice(lab):
    """While the text fits, each token goes through the model once at most"""
    for T, n in [(1, 15), (5, 8), (5, 12)]:
        model = make_model(lab, **SMALL)
        counter = Counter(model)
        called = lab.calls(f"generate_cached(model, ids, {n}, 0) with {T} ids, block_size 16")
        lab.module.generate_cached(model, random_ids(1, T), n, 0)
        without = sum(range(T, T + n))
        for name, got in counter.tokens.items():
            likely = "the whole text is calculated for each token" if got == without else ""
            if got > T + n:
                expected = f"up to {T + n} tokens through {name}"
                raise Wrong(called, expected, f"{got} tokens", likely)


def drawing_model(lab, logits):
    """Make a model that scores the next token always alike."""
    sizes = {"vocab_size": len(logits), "n_layer": 1, "block_size": 40}
    model = make_model(lab, **TINY | sizes)
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.copy_(torch.tensor(logits))
    return model


def draw(lab, draws, logits, **options):
    """Draw tokens by always the same logits, ten at a time. Return how often each came."""
    model, generator, start = drawing_model(lab, logits), seeded(1), torch.tensor([[0]])
    texts = [
        lab.module.generate_cached(model, start, 10, generator=generator, **options)[0, 1:]
        for _ in range(draws // 10)
    ]
    return torch.bincount(torch.cat(texts), minlength=len(logits)) / draws


@about("generate_cached", needs=BOTH)
def test_odds(lab):
    """Tokens are drawn with the same odds as by generate"""
    scores = torch.tensor([0.0, 4.0, -2.0, 2.0, 1.0])
    for temperature, k in [(0.4, None), (4.0, None), (4.0, 2), (9.0, 4), (1.0, 1)]:
        hidden = scores < scores.sort(descending=True).values[(k or 5) - 1]
        right = torch.softmax((scores / temperature).masked_fill(hidden, float("-inf")), dim=-1)
        options = {"temperature": temperature, "top_k": k}
        for draws in DRAWS:
            called = lab.calls(
                f"{draws} tokens of generate_cached with temperature={temperature}, top_k={k}"
                f" and the logits {scores.tolist()}"
            )
            shares = draw(lab, draws, scores.tolist(), **options)
            if not are_near(shares, right, draws):
                texts = [[round(share, 2) for share in row.tolist()] for row in (right, shares)]
                raise Wrong(called, f"shares near {texts[0]}", f"{texts[1]}")


@about("generate_cached", needs=BOTH)
def test_generator(lab):
    """The generator decides, and global random numbers stay untouched"""
    model, start = drawing_model(lab, [0.0] * 7), torch.tensor([[0]])

    def drawn(generator):
        return lab.module.generate_cached(model, start, 30, generator=generator)[0].tolist()

    called = lab.calls("generate_cached(model, ids, 30, generator=generator)")
    with torch.random.fork_rng():
        texts = []
        for global_seed, seed in [(1, 1), (2, 1), (1, 2)]:
            torch.manual_seed(global_seed)
            before = torch.get_rng_state()
            texts.append(drawn(seeded(seed)))
            if not torch.equal(before, torch.get_rng_state()):
                raise Wrong(called, "PyTorch's global random numbers untouched", "they are changed")
        if texts[0] != texts[1]:
            raise Wrong(called + " twice, with equal generators", "the same ids", "different ids")
        if texts[0] == texts[2]:
            raise Wrong(called + " with another generator", "other ids", "the same ids")
        torch.manual_seed(1)
        if drawn(None) == drawn(None):
            called = "generate_cached(model, ids, 30) twice, without a generator"
            raise Wrong(called, "different ids", "the same")


@about("generate_cached", needs=BOTH)
def test_modes(lab):
    """It generates in eval mode without gradients, and leaves the model as it was"""
    for training in (True, False):
        for fails in (False, True):
            expect_mode(lab, training, fails)


def expect_mode(lab, training, fails):
    """Expect eval mode and no gradients while generating, and the old mode afterwards.

    Args:
        lab: holds the learner's module.
        training: the mode of the model before.
        fails: whether the model fails in the middle.
    """
    model, seen = make_model(lab, **TINY).train(training), []
    right = plain(model, random_ids(1, 6))

    def look(part, inputs):
        seen.append((model.training or part.training, torch.is_grad_enabled()))
        if fails and len(seen) == 3:
            raise RuntimeError("the model was made to fail here")

    hook = model.blocks[0].mlp.register_forward_pre_hook(look)
    mode = "train mode" if training else "eval mode"
    called = lab.calls(f"generate_cached(model, ids, 8) with a model in {mode}")
    called += ", which fails in the middle" if fails else ""
    try:
        lab.module.generate_cached(model, random_ids(1, 2), 8, generator=seeded(1))
    except RuntimeError:
        if not fails:
            raise
    hook.remove()
    if any(training for training, _ in seen):
        raise Wrong(called, "it generates in eval mode", "it generates in train mode")
    if any(gradients for _, gradients in seen):
        likely = "torch.no_grad() is missing"
        raise Wrong(called, "no gradients while it generates", "gradients are kept", likely)
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        raise Wrong(called, "gradients on again afterwards", "they stay off, for everyone")
    if any(part.training != training for part in model.modules()):
        raise Wrong(called, f"{mode} again afterwards", "the other mode")
    if distance(plain(model, random_ids(1, 6)), right) > EXACT:
        raise Wrong(f"model(ids) after {called}", "what it gave before", "something else")


@about("generate_cached", needs=BOTH)
def test_refusals(lab):
    """A temperature below 0, or a top_k below 1, is refused"""
    model = make_model(lab, **TINY)

    def attempt(**options):
        return lambda: lab.module.generate_cached(model, random_ids(1, 2), 2, **options)

    for value in (-1.0, -0.1, float("nan")):
        called = lab.calls(f"generate_cached(model, ids, 2, temperature={value})")
        expect_refusal(called, attempt(temperature=value), "a temperature is 0 or above")
    for value in (0, -3):
        called = lab.calls(f"generate_cached(model, ids, 2, top_k={value})")
        expect_refusal(called, attempt(top_k=value), "1 token at least")


@about("generate_cached", needs=BOTH)
def test_savings(lab):
    """What is saved: a text of 50 characters, from the first to the last"""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = lab.other("transformer").MiniGPT(vocab_size=16)
    counter = Counter(model)
    called = lab.calls("generate_cached(model, ids, 50, temperature=0) with 1 id")
    ids = lab.module.generate_cached(model, torch.tensor([[3]]), 50, temperature=0)
    expect_shape(called, ids, (1, 51), "int64")
    computed, without = max(counter.tokens.values()), sum(range(1, 51))
    lab.show(f"50 characters more: {computed:,} tokens computed, without a cache {without:,}")
