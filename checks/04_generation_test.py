"""Loop 4, the generation: the model guesses, one guess is drawn, it joins the text, and again."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import torch
from torch import softmax
from tutor.facts.stand_ins import make_fake, seeded
from tutor.facts.story import story_loss, train_on_story
from tutor.facts.tensors import are_near, expect_shape
from tutor.facts.witness import functions_called, global_dice
from tutor.facts.words import Wrong, about, expect_equal, expect_refusal, expect_type

from mini_gpt.paths import MODEL_FILE
from mini_gpt.story import SEED, STORY

DRAWS = (20, 100, 400)  # a few first: what is far off shows at once
CLOSE_LOOK = 1000  # so many show which cause it is
NEAR = 8.0
MANY = 600  # so many characters are no word
NO_DIFFERENCE = "{} makes no difference"
TRAINING_SECONDS = 90.0

CLOCK = "tick tick tick tock "


def add_up(ids):
    """Score the last digit of 1 plus the sum of all ids that are seen. Each of them matters.

    All scores are below 0, as a model's may be, and the best is hardly better than the others.
    """
    return [-1.0 if id == (1 + sum(ids)) % 10 else -1.000001 for id in range(10)]


def always(logits):
    """Score the next token always alike."""
    return lambda ids: logits


def prompt(*ids):
    """Make a prompt of these ids, (1, T)."""
    return torch.tensor([ids])


def draw(lab, draws, logits, **options):
    """Draw tokens by always the same logits, and return how often each came, as shares."""
    model = make_fake(always(logits), vocab_size=len(logits))
    ids = lab.module.generate(model, prompt(0), draws, generator=seeded(1), **options)
    return torch.bincount(ids[0, 1:], minlength=len(logits)) / draws


@about("generate")
def test_shape(lab):
    """generate gives the prompt back, with new tokens behind it"""
    for n in (1, 5, 0):
        given = prompt(3, 1, 4)
        called = lab.calls(f"generate(model, ids, {n}) with ids of shape (1, 3)")
        ids = lab.module.generate(make_fake(add_up), given, n, generator=seeded(1))
        expect_shape(called, ids, (1, 3 + n), "int64")
        expect_equal(called + ": the first three ids", ids[0, :3].tolist(), [3, 1, 4])
        expect_equal("the caller's ids after that", given.tolist(), [[3, 1, 4]])


@about("generate")
def test_greedy(lab):
    """Temperature 0 takes the best token, each time anew"""
    called = lab.calls(
        "generate(model, ids, 6, temperature=0) with ids 2, 5 and a model that adds up all it sees"
    )

    def generate(temperature):
        return lab.module.generate(make_fake(add_up), prompt(2, 5), 6, temperature)[0].tolist()

    right = [2, 5, 8, 6, 2, 4, 8, 6]
    try:
        ids = generate(0)
    except (ZeroDivisionError, RuntimeError) as error:
        if generate(1e-9) == right:
            error.likely = "x / 0: temperature 0 needs a way of its own, before the division"
        raise
    causes = {
        "not the last position is used, but the first": [2, 5] + [2] * 6,
        "the model is asked once only, then the same token is added": [2, 5] + [8] * 6,
        "after its first token, the model sees the newest one only": [2, 5, 8, 9, 0, 1, 2, 3],
        "the model sees the newest token only": [2, 5, 6, 7, 8, 9, 0, 1],
    }
    expect_equal(called, ids, right, causes)


@about("generate")
def test_crop(lab):
    """The model sees the last block_size tokens, and nothing of the text is lost"""
    model = make_fake(add_up)
    given = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    called = lab.calls("generate(model, ids, 2, temperature=0) with 12 ids and block_size 8")
    text = prompt(*given)
    ids = lab.module.generate(model, text, 2, 0)[0].tolist()
    expect_equal(called + ": the caller's ids afterwards", text[0].tolist(), given)
    if model.seen[0] != given[-8:]:
        likely = "it sees the first 8, not the last" if model.seen[0] == given[:8] else ""
        raise Wrong(called, f"the model sees {given[-8:]}", f"it sees {model.seen[0]}", likely)
    causes = {"the text itself is cut, not only what the model sees": [*given[-7:], 9, 3]}
    expect_equal(called, ids, [*given, 9, 3], causes)
    model = make_fake(add_up)
    lab.module.generate(model, prompt(4, 5, 6), 1, 0)
    called = lab.calls("generate(model, ids, 1) with ids 4, 5, 6")
    expect_equal(called + ": what the model sees", model.seen[0], [4, 5, 6])


@about("generate")
def test_temperature(lab):
    """The temperature divides the scores: low plays safe, high is bold"""
    for temperature in (0.5, 20.0, 0.02, 1.0):
        # The scores are such that the right odds are always the same, and wrong ones far off.
        scores = temperature * torch.tensor([2.0, 1.0, 0.0, -1.0])
        causes = {
            NO_DIFFERENCE.format("the temperature"): softmax(scores, dim=-1),
            "the logits are multiplied by it; divide": softmax(scores * temperature, dim=-1),
            "they are divided by it twice": softmax(scores / temperature**2, dim=-1),
            "the best token is always taken, nothing is drawn": torch.tensor([1.0, 0, 0, 0]),
        }
        right = softmax(scores / temperature, dim=-1)
        expect_shares(lab, scores.tolist(), right, causes, temperature=temperature)


def expect_shares(lab, logits, right, causes, draws=DRAWS, **options):
    """Expect that tokens are drawn with the right shares. A few draws show what is far off."""
    for number in draws:
        shares = draw(lab, number, logits, **options)
        if not are_near(shares, right, number):

            def likely():
                return likely_cause(lab, logits, causes, **options)

            how = ", ".join(f"{name}={value}" for name, value in options.items())
            called = lab.calls(f"{number} draws with {how} and the logits {logits}")
            about = helper_for(lab, **options)
            expected = f"shares near {rounded(right)}"
            raise Wrong(called, expected, rounded(shares), likely, about)


def likely_cause(lab, logits, causes, temperature, top_k=None):
    """Return the one cause that explains many draws. Where there are two, there is none."""
    options = {"temperature": temperature, "top_k": top_k}
    shares = draw(lab, CLOSE_LOOK, logits, **options)
    near = [c for c, wrong in causes.items() if are_near(shares, wrong, CLOSE_LOOK, NEAR)]
    # What makes no difference leads to exactly the same draws.
    twins = {"the temperature": {"temperature": 3 * temperature}, "top_k": {"top_k": None}}
    for name, change in twins.items():
        cause, other = NO_DIFFERENCE.format(name), options | change
        if cause in near and not torch.equal(draw(lab, CLOSE_LOOK, logits, **other), shares):
            near.remove(cause)
    return near[0] if len(near) == 1 else ""


def helper_for(lab, temperature, top_k=None):
    """Name the function of the learner's that is called for top_k only, if there is one."""

    def called(top_k):
        def once():
            model = make_fake(always([0.0, 1.0, 2.0]), vocab_size=3)
            lab.module.generate(model, prompt(0), 1, temperature, top_k, generator=seeded(1))

        return functions_called(lab.module.__file__, once)

    return () if top_k is None else tuple(n for n in called(top_k) if n not in called(None))[:1]


def rounded(tensor):
    """Write a few numbers with two digits each."""
    return "[" + ", ".join(f"{value:.2f}" for value in tensor.tolist()) + "]"


@about("generate")
def test_top_k(lab):
    """top_k draws from the k best tokens only"""
    cases = [(2, 2.0, DRAWS), (3, 0.5, DRAWS), (1, 1.0, (20,)), (5, 1.0, (100,))]
    for k, temperature, draws in cases:
        below_0 = -9.0 if k == 3 else 0.0
        scores = temperature * (torch.tensor([1.0, 3.0, 0.5, 2.0, 1.5]) + below_0)
        options = {"temperature": temperature, "top_k": k}
        right = best_of(scores / temperature, k)
        causes = top_k_causes(scores, k, temperature)
        expect_shares(lab, scores.tolist(), right, causes, draws, **options)
    model = make_fake(always(scores.tolist()), vocab_size=5)
    ids = lab.module.generate(model, prompt(0), 3, 0, top_k=2)[0].tolist()
    expect_equal("generate(model, ids, 3, temperature=0, top_k=2)", ids, [0, 1, 1, 1])


def best_of(scores, k):
    """Return the odds of the k best of some scores."""
    hidden = torch.ones_like(scores, dtype=torch.bool).scatter(0, scores.topk(k).indices, False)
    return softmax(scores.masked_fill(hidden, float("-inf")), dim=-1)


def top_k_causes(scores, k, temperature):
    """Return the odds to which mistakes with top_k lead, by cause."""
    scaled = scores / temperature
    best = scaled.topk(k)
    others = scaled.scatter(0, best.indices, float("-inf"))
    flat = torch.zeros_like(scaled).scatter(0, best.indices, best.values)
    places = torch.zeros_like(scaled).scatter(0, torch.arange(k), softmax(best.values, dim=-1))
    return {
        NO_DIFFERENCE.format("the temperature"): best_of(scores, k),
        NO_DIFFERENCE.format("top_k"): softmax(scaled, dim=-1),
        "the k best are hidden, and the others kept": softmax(others, dim=-1),
        "the others get the score 0, which is drawn now and then; hide them with -inf": softmax(
            flat, dim=-1
        ),
        "one too many is kept": best_of(scaled, min(k + 1, len(scaled))),
        "one too few is kept": best_of(scaled, max(k - 1, 1)),
        "a place among the k best is taken for an id": places,
    }


@about("generate")
def test_generator(lab):
    """The generator decides, and global random numbers stay untouched"""

    def drawn(seed, global_seed=1):
        torch.manual_seed(global_seed)
        model = make_fake(always([0.0] * 10))
        return lab.module.generate(model, prompt(0), 40, generator=seeded(seed))[0].tolist()

    called = lab.calls("generate(model, ids, 40, generator=generator)")
    if drawn(1, 1) != drawn(1, 2):
        raise Wrong(called + " twice, with equal generators", "the same ids", "different ids")
    if drawn(1) == drawn(2):
        raise Wrong(called + " with another generator", "other ids", "the same ids")
    before = global_dice()
    model = make_fake(always([0.0] * 10))
    lab.module.generate(model, prompt(0), 5, generator=seeded(1))
    if global_dice() != before:
        raise Wrong(called, "the global random numbers untouched", "they are changed")
    torch.manual_seed(1)
    first, second = (lab.module.generate(model, prompt(0), 40)[0].tolist() for _ in range(2))
    if first == second:
        raise Wrong(
            "generate(model, ids, 40) twice, without a generator", "different ids", "the same"
        )


@about("generate")
def test_modes(lab):
    """While it generates, the model is in eval mode and without gradients; both are restored"""
    for training in (True, False):
        model = make_fake(add_up).train(training)
        lab.module.generate(model, prompt(1), 3, generator=seeded(1))
        name = {True: "train mode", False: "eval mode"}
        called = lab.calls(f"generate(model, ids, 3) with a model in {name[training]}")
        if any(model.modes):
            raise Wrong(called, "it generates in eval mode", "it generates in train mode")
        for part, mode in [("the model", model.training), ("a layer in it", model.inner.training)]:
            if mode != training:
                raise Wrong(called, f"{name[training]} again afterwards", f"{part} in {name[mode]}")
        if any(model.gradients):
            likely = "torch.no_grad() is missing"
            raise Wrong(called, "no gradients while it generates", "gradients are kept", likely)
        if not torch.is_grad_enabled():
            torch.set_grad_enabled(True)
            raise Wrong(called, "gradients on again afterwards", "they stay off, for everyone")
        with torch.no_grad():
            lab.module.generate(model, prompt(1), 3, generator=seeded(1))
            called = lab.calls("generate(model, ids, 3) inside `with torch.no_grad():`")
            if torch.is_grad_enabled():
                raise Wrong(called, "gradients stay off afterwards", "they are on")


@about("generate")
def test_refusals(lab):
    """A temperature below 0, or a top_k below 1, is refused"""
    model = make_fake(add_up)

    def attempt(**options):
        return lambda: lab.module.generate(model, prompt(1), 2, **options)

    for value in (-1.0, -0.1, float("nan")):
        called = lab.calls(f"generate(model, ids, 2, temperature={value})")
        expect_refusal(called, attempt(temperature=value), "a temperature is 0 or above")
    for value in (0, -3):
        expect_refusal(
            f"generate(model, ids, 2, top_k={value})", attempt(top_k=value), "1 token at least"
        )


def storyteller(tokenizer, story):
    """Make a model that knows a story by heart, so well that no chance is left."""
    text = story * 5  # long enough to go on behind any 64 characters of it

    def next_logits(ids):
        before = "".join(tokenizer.vocab[id] for id in ids if id > 2)
        while before not in text:
            before = before[1:]
        following = text[text.index(before) + len(before)]
        return [30.0 if token == following else 0.0 for token in tokenizer.vocab]

    return make_fake(next_logits, vocab_size=len(tokenizer.vocab), block_size=64)


@about("generate_words", needs=("tokenizer",))
def test_words(lab):
    """generate_words tells the prompt, and as many words more as it is asked for"""
    for begin, more in [
        ("hello", "world."),
        ("red hen", "curled up. hello"),
        ("pond ", "red"),
        ("Once upon ", "our pond"),
        ("our  pond", "red hen"),
        (" red hen", "curled"),
        ("once upon", "our pond red hen curled up. hello world. once upon"),
        (STORY, "red"),
    ]:
        expect_words(lab, STORY, begin, more)
    called = lab.calls('generate_words(model, tokenizer, "once upon", temperature=0)')
    text = tell_on(lab, STORY, "once upon")
    expect_equal(called + ": how many words", len(text.split()), 12)
    called = lab.calls('generate_words(model, tokenizer, "red hen cur", 2, temperature=0)')
    if tell_on(lab, STORY, "red hen cur", 2).rstrip() != "red hen curled up. hello":
        lab.remark(f"{called} ends a word of the prompt. For the recipe that is no new word.")
    remark_if_endless(lab)


def remark_if_endless(lab):
    """Make a remark if one word may become as long as it likes."""
    tokenizer, asked = lab.other("tokenizer").CharTokenizer("ab "), []

    def no_space(ids):
        asked.append(ids)
        if len(asked) >= MANY:
            raise InterruptedError
        return [30.0 if token == "b" else 0.0 for token in tokenizer.vocab]

    model = make_fake(no_space, len(tokenizer.vocab), block_size=64)
    try:
        lab.module.generate_words(model, tokenizer, "a", 2, temperature=0)
    except InterruptedError:
        called = 'generate_words(model, tokenizer, "a", 2)'
        made = f"has made {MANY} characters, and goes on while the model makes no space"
        lab.remark(f"{called} {made}. The recipe stops after 30 for each word.")


@about("generate_words", needs=("tokenizer",))
def test_words_from_all(lab):
    """generate_words goes by the whole text so far, not by its end only"""
    expect_words(lab, CLOCK, "tick tick tick", "tock")
    expect_words(lab, CLOCK, "tick tock tick", "tick tick tock tick tick tick tock")


def tell_on(lab, story, begin, *n_words):
    """Let generate_words continue a story with a model that knows it by heart."""
    tokenizer = lab.other("tokenizer").CharTokenizer(story)
    model = storyteller(tokenizer, story)
    text = lab.module.generate_words(model, tokenizer, begin, *n_words, temperature=0)
    if model.training or any(model.modes):
        raise Wrong(lab.called, "the model stays in eval mode", "it is in train mode")
    return text


def expect_words(lab, story, begin, more):
    """Expect the prompt as the tokenizer sees it, and as many words more as there are."""
    n = len(more.split())
    called = lab.calls(f'generate_words(model, tokenizer, "{begin}", {n}, temperature=0)')
    text = tell_on(lab, story, begin, n)
    expect_type(called, text, str)
    tokenizer = lab.other("tokenizer").CharTokenizer(story)
    right = f"{tokenizer.decode(tokenizer.encode(begin)).rstrip()} {more}"
    if text.rstrip() != right:
        likely, extra = "", len(text.split()) - len(right.split())
        if text.strip() == more:
            likely = "the prompt itself is missing"
        elif extra and right.startswith(text.strip()[:9]):
            likely = f"words too {'many' if extra > 0 else 'few'}: {abs(extra)}"
        raise Wrong(called, repr(right), repr(text), likely)


def remark_unless_usual(lab, tokenizer):
    """Say so if the default values are not those that the recipe asks for."""
    model = make_fake(always([-9.0, -9.0, -9.0, 1.0, 0.0, 1.0]), vocab_size=6)

    def ids(*usual):
        return lab.module.generate(model, prompt(3), 60, *usual, generator=seeded(1)).tolist()

    def text(*usual):
        return lab.module.generate_words(model, tokenizer, "a", *usual, generator=seeded(1))

    if ids() != ids(1.0, None):
        lab.remark("The recipe asks for generate(..., temperature=1.0, top_k=None) as defaults.")
    if text() != text(10, 0.8):
        lab.remark(
            "The recipe asks for generate_words(..., n_words=10, temperature=0.8) as defaults."
        )


@about("generate_words", needs=("tokenizer",))
def test_words_temperature(lab):
    """generate_words passes temperature and generator on"""
    CharTokenizer = lab.other("tokenizer").CharTokenizer
    tokenizer = CharTokenizer("ab ")

    def next_logits(ids):  # after a letter always a space, after a space more often a than b
        return [-50.0, -50, -50, -50, -50, 50] if ids[-1] != 5 else [-50.0, -50, -50, 2, 1, -50]

    def tell(temperature, seed, n_words=30):
        model = make_fake(next_logits, vocab_size=6, block_size=64)
        words = lab.module.generate_words(
            model, tokenizer, "a", n_words, temperature=temperature, generator=seeded(seed)
        )
        return words.split()[1:]

    called = lab.calls(
        'generate_words(model, tokenizer, "a", 30, temperature={}, generator=generator)'
    )
    safe, bold = tell(0.1, 1), tell(1.0, 1)
    expect_equal(called.format(0.1) + ": how many words more", len(safe), 30)
    if set(safe) != {"a"}:
        called, got = called.format(0.1), f"{safe.count('a')} of {len(safe)}"
        raise Wrong(called, "always the likelier word", got)
    if set(bold) != {"a", "b"}:
        raise Wrong(called.format(1.0), "both words, a and b", f"only {sorted(set(bold))}")
    if bold != tell(1.0, 1):
        raise Wrong(called.format(1.0) + " twice", "the same text", "different texts")
    lab.calls('generate_words(model, tokenizer, "a", 30)')
    free = [
        lab.module.generate_words(make_fake(next_logits, 6, 64), tokenizer, "a", 30)
        for _ in range(2)
    ]
    if free[0] == free[1]:
        raise Wrong(lab.called + " twice, without a generator", "different texts", "the same text")
    if bold == tell(1.0, 2):
        raise Wrong(called.format(1.0) + " with another generator", "another text", "the same text")
    lab.calls('generate_words(model, tokenizer, "a") with the default values')
    remark_unless_usual(lab, tokenizer)


def story_model(lab):
    """Return a model that knows the story: the one of loop 3, or else one trained now."""
    CharTokenizer = lab.other("tokenizer").CharTokenizer
    load_checkpoint, train = lab.other("trainer").load_checkpoint, lab.other("trainer").train
    name = MODEL_FILE.name
    reason = f"there is no {name}"
    if MODEL_FILE.exists():
        try:
            model, tokenizer = load_checkpoint(MODEL_FILE)
            if tokenizer.vocab != CharTokenizer(STORY).vocab:
                reason = f"{name} has another vocabulary"
            elif story_loss(model, tokenizer) > 0.1:
                reason = f"{name} does not know the story by heart"
            else:
                return model, tokenizer
        except Exception:  # a file that loop 3's own check would explain
            reason = f"{name} cannot be read"
    lab.show(f"A model was trained for this run only, because {reason}")
    return train_on_story(lab, train)[:2]


def tell(model, tokenizer, begin, n_words):
    """Continue a text by the model's best guesses, as generate_words should at temperature 0."""
    ids = tokenizer.encode(begin)
    words = len(tokenizer.decode(ids).split()) + n_words
    while len((tokenizer.decode(ids) + "|").split()) <= words and len(ids) < 30 * words:
        with torch.no_grad():
            ids = [*ids, int(model(torch.tensor([ids]))[0, -1].argmax())]
    return tokenizer.decode(ids).split()[:words]


@about("generate_words", seconds=TRAINING_SECONDS, needs=("tokenizer", "transformer", "trainer"))
def test_story(lab):
    """Your model talks: "Once upon" is continued, word by word"""
    model, tokenizer = story_model(lab)
    text = lab.module.generate_words(model, tokenizer, "Once upon", 10, temperature=0)
    called = lab.calls('generate_words(model, tokenizer, "Once upon", 10, temperature=0)')
    right = tell(model, tokenizer, "Once upon", 10)
    expect_equal(called, " ".join(text.split()), " ".join(right))
    hello = lab.module.generate_words(model, tokenizer, "Hello", 10, generator=seeded(SEED))
    lab.show("Generation successful!")
    lab.show(f'Example: "Hello" -> "{hello.strip()}"')
    lab.show(f'"Once upon" and ten words more: "{text.strip()}"')
