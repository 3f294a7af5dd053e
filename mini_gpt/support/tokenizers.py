"""The tokenizer of a checkpoint: plain values from which it can be made again, without PyTorch."""

from mini_gpt.support.refusal import Refusal

UNKNOWN = 1
"""The id of what a tokenizer of characters has never seen. One of pairs knows all bytes."""
ANOTHER = "The model was trained with another tokenizer"


def unknown(tokenizer: object, text: str) -> list[str]:
    """Return the characters of a text that a tokenizer does not know, each once."""
    return [sign for sign in dict.fromkeys(text) if tokenizer.encode(sign) == [UNKNOWN]]


def describe_tokenizer(tokenizer: object) -> dict:
    """Return plain values from which the tokenizer can be made again."""
    if hasattr(tokenizer, "merges"):
        return {"tokenizer": "pairs", "merges": [list(pair) for pair in tokenizer.merges]}
    return {"tokenizer": "characters", "characters": "".join(tokenizer.vocab[3:])}


def tokenizer_of(state: dict) -> object:
    """Make the tokenizer again, with your own module, and see that its ids mean the same.

    Args:
        state: what describe_tokenizer returned, among other things perhaps.

    Raises:
        Refusal: in your module the ids stand for other tokens than while the model was trained.
    """
    if state["tokenizer"] == "pairs":
        from mini_gpt.bpe import BPETokenizer

        tokenizer = BPETokenizer([tuple(pair) for pair in state["merges"]])
    else:
        from mini_gpt.tokenizer import CharTokenizer

        tokenizer = CharTokenizer(state["characters"])
    refuse_other_tokens(tokenizer, tokens_of(state))
    return tokenizer


def tokens_of(state: dict) -> list:
    """Return what each id stood for while the model was trained, as loops 1 and 6 number them."""
    if state["tokenizer"] == "characters":
        return ["<pad>", "<unk>", "<eos>", *state["characters"]]
    tokens = [b"<pad>", b"<unk>", b"<eos>", *(bytes([byte]) for byte in range(256))]
    for left, right in state["merges"]:
        tokens.append(tokens[left] + tokens[right])
    return tokens


def refuse_other_tokens(tokenizer: object, trained: list) -> None:
    """Refuse a tokenizer whose ids do not stand for these tokens.

    Raises:
        Refusal: names the first id that differs.
    """
    found = list(tokenizer.vocab)
    refuse_other_size(tokenizer, len(trained))
    for id, (was, now) in enumerate(zip(trained, found)):
        if was != now:
            wrong = f"{ANOTHER}: id {id} was {was!r}, and is {now!r} in yours"
            raise Refusal(f"{wrong}. Train anew, or take that tokenizer back.")


def refuse_other_size(tokenizer: object, vocab_size: int) -> None:
    """Refuse a tokenizer that has more or fewer ids than a model.

    Raises:
        Refusal: it has.
    """
    if tokenizer.vocab_size != vocab_size:
        wrong = f"{ANOTHER}: it knows {vocab_size} ids, and yours has {tokenizer.vocab_size}"
        raise Refusal(f"{wrong}. Train anew, or take that tokenizer back.")
