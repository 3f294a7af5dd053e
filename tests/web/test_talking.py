"""The page by HTTP: the same text and bars as in Python, for ten visitors, while another trains."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from scaffolds.reference.trainer import load_checkpoint
from scaffolds.reference.web import next_characters, stream
from tests.web.asking import call, final, get
from tests.web.conftest import PATIENCE

HOW = (30, 0.8, 16, 5)
"""How the tests let it write: characters, temperature, top_k, seed."""
STRANGE = {
    "controls": "once\x00\x07\x1b[2J\r\n upon",
    "right to left": "שלום \u202e once",
    "html": "<script>window.pwned = 1</script><img src=x onerror='window.pwned=1'><b>once",
    "emoji": "🙂👩‍👩‍👧 once",
    "long": "once upon " * 10_000,
}


@pytest.fixture(scope="module")
def known(server):
    """The model and the tokenizer of the page."""
    return load_checkpoint(server.model)


def python(known, prompt, n=HOW[0]):
    """Return what Python gives for a prompt: all texts."""
    return list(stream(*known, prompt, n, *HOW[1:]))


def test_same_as_in_python(server, known):
    """The texts are those of stream, and at the end the bars that next_characters gives"""
    heard = list(call(server, "talk", "Once upon", *HOW))
    texts = [data[0] for kind, data in heard if kind == "generating"]
    right = python(known, "Once upon")
    assert texts[0] == right[0] and right[0].startswith("<unk>nce upon")
    assert texts == [text for text in right if text in texts]
    kind, (text, bars) = heard[-1]
    assert (kind, text) == ("complete", right[-1])
    added = right[-1][len("<unk>nce upon") :]
    shares = next_characters(*known, "Once upon" + added)
    assert len(bars["confidences"]) == len(shares) == 10
    for bar, (token, share) in zip(bars["confidences"], shares):
        assert (bar["label"], bar["confidence"]) == (token.replace(" ", "␣"), pytest.approx(share))


def test_ten_visitors(server, known):
    """Ten visitors at once wait for their turn, and each gets their own text"""
    prompts = [f"{letter}en " for letter in "helowrdcup"]
    with ThreadPoolExecutor(10) as pool:
        texts = list(pool.map(lambda prompt: final(server, "talk", prompt, *HOW)[0], prompts))
    assert texts == [python(known, prompt)[-1] for prompt in prompts]


def test_training_freezes_nobody(server, known):
    """While one visitor trains, another one gets an answer"""
    begun = Event()

    def train():
        for kind, data in call(server, "learn", "the cat sat on the mat. " * 20, None, 300):
            begun.set()
        return kind, data[0]

    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(train)
        assert begun.wait(PATIENCE)
        text = final(server, "talk", "hello", *HOW)[0]
        assert not training.done()
    assert text == python(known, "hello")[-1]
    kind, said = training.result()
    assert kind == "complete" and said.startswith("Step 300 of 300")


@pytest.mark.parametrize("case", STRANGE)
def test_strange_prompts(server, known, case):
    """Whatever is typed, the answer is what Python gives"""
    text = final(server, "talk", STRANGE[case], *HOW)[0]
    assert text == python(known, STRANGE[case])[-1]


def test_empty_prompt(server, known):
    """An empty prompt gets a sentence, and the page goes on"""
    kind, _ = list(call(server, "talk", "", *HOW))[-1]
    assert kind == "error"
    assert final(server, "talk", "hello", *HOW)[0] == python(known, "hello")[-1]


def test_numbers_out_of_range(server):
    """A slider cannot be moved further by a program than by hand"""
    for wrong in [(10**9, 0.8, 16, 5), (30, -1, 16, 5), (30, 0.8, 10**6, 5)]:
        kind, _ = list(call(server, "talk", "hello", *wrong))[-1]
        assert kind == "error", wrong


def test_looks(server, known):
    """Look inside shows the probabilities of next_characters, and the weights of the map"""
    from mini_gpt.attention_map import record_attention

    model, tokenizer = known
    import torch

    where, bars = final(server, "look", "hello world", 8, 2, 3)
    ids = torch.tensor([tokenizer.encode("hello world")])
    row = record_attention(model, ids)[1][2, 7, :8].tolist()
    assert [part["token"] for part in where] == list("hello␣wo")
    assert [part["class_or_confidence"] for part in where] == pytest.approx(row)
    shares = dict(next_characters(model, tokenizer, "hello wo"))
    for bar in bars["confidences"]:
        token = bar["label"].replace("␣", " ")
        assert bar["confidence"] == pytest.approx(shares[token], abs=1e-6)


def test_three_ways(server, known):
    """Three ways shows what beam search and greedy find, and how likely it is"""
    import torch

    from scaffolds.reference.beam_search import beam_search

    (table,) = final(server, "compare", "hello", 12, 1, 2)
    names, texts, totals = zip(*table["data"])
    model, tokenizer = known
    ids = torch.tensor([tokenizer.encode("hello")])
    for place, n_beams in [(0, 1), (2, 2)]:
        found, total = beam_search(model, ids, 12, n_beams)[0]
        assert texts[place] == tokenizer.decode(found[0].tolist())
        assert totals[place] == pytest.approx(total, abs=0.01)
    assert names[2] == "beam search, 2 beams"


def test_first_page_is_whole(server):
    """The page itself comes, with the title"""
    status, text, _ = get(server.address)
    assert status == 200 and b"Mini-GPT" in text
