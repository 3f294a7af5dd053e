"""python -m mini_gpt look "hello world": where the model looks, and what each head is good for."""

import argparse
import sys
from pathlib import Path

from torch import Tensor

from mini_gpt.paths import ROOT, model_to_use
from mini_gpt.support.looking import folder, in_text, page, pictures, sample
from mini_gpt.support.looking.captions import Caption, caption
from mini_gpt.support.looking.labels import in_units, label
from mini_gpt.support.looking.listening import listen, untrained
from mini_gpt.support.looking.reading import Reading, read
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.tokenizers import unknown

FOLDER = ROOT / "runs" / "look"
NO_PICTURES = "There are no pictures, because matplotlib is missing: pip install matplotlib."
TOO_LARGE = "There is no look.html, it would be over 500 KB: show a part, with --from and --to."


def look(options: argparse.Namespace) -> None:
    """Look at a text: tell it in words, then draw it."""
    from mini_gpt.support.checkpoint import load_model

    file = options.model or model_to_use()
    model, tokenizer = load_model(file)
    model.eval()
    reading = read(options.text, model, tokenizer, options.first, options.last)
    maps = listen(model, reading.ids)
    typed = reading.ids[0].tolist()
    chosen = sample.choose(model, tokenizer, typed, options.on, book_of(file))
    captions, loss = caption(model, chosen)
    large = pick(captions, options.layer, options.head)
    said = [opening(file, captions, reading), *strangers(unknown(tokenizer, options.text))]
    said += [measured_on(chosen, loss), in_text.table(captions, maps, reading.tokens)]
    text = "\n\n".join([*said, map_in_words(maps, reading, large)])
    print(in_text.printable(text, sys.stdout.encoding))
    before = listen(untrained(model, options.seed), reading.ids)
    out = folder.fresh(options.folder or FOLDER / folder.name_for(options.text))
    (out / "look.txt").write_text(text + "\n", encoding="utf-8")
    write(out, reading, (before, maps), captions, large)


def book_of(file: Path) -> Path | None:
    """Return where the ids of a model's book are kept, if the command train made the model."""
    from mini_gpt.support.checkpoint import KIND, load

    return file.with_name("ids.bin") if load(file).get("kind") == KIND else None


def strangers(characters: list[str]) -> list[str]:
    """Say which characters the model does not know, if there are any."""
    names = " ".join(map(label, characters))
    return [f"The model does not know {names} and reads <unk> there."] if characters else []


def opening(file: Path, captions: list[Caption], reading: Reading) -> str:
    """Say what is looked at."""
    heads = f"{len(captions)} heads in {captions[-1].layer} layers"
    return f"{file.name}, {heads}. Text: {''.join(reading.shown)}"


def measured_on(chosen: sample.Sample, loss: float) -> str:
    """Say what the captions were measured on."""
    n, length = len(chosen.windows), chosen.windows.shape[1] - 1
    size = f"{n} pieces of {length}" if n > 1 else f"one piece of {length}"
    return f"What each head does, measured on {chosen.name} ({size}, loss {loss:.3f}):"


def pick(captions: list[Caption], layer: int | None, head: int | None) -> Caption:
    """Choose the head that is drawn large: the one asked for, or the one that is missed most."""
    if layer is None and head is None:
        return max(captions, key=lambda one: (one.is_clear, one.rise))
    layer, head = 1 if layer is None else layer, 1 if head is None else head
    for one in captions:
        if (one.layer, one.head) == (layer, head):
            return one
    n_head = max(one.head for one in captions)
    most = f"--layer must be 1 to {captions[-1].layer} and --head 1 to {n_head}"
    raise Refusal(f"{most}, got {layer} and {head}: look at the table without them.")


def map_in_words(maps: list[Tensor], reading: Reading, large: Caption) -> str:
    """Write the map of the chosen head as text."""
    title = f"Layer {large.layer}, head {large.head}. A row tells where its character looks, in "
    title += "tenths: 9 is 90 % and more, a dot is less than 10 %."
    title = in_units(title, reading.tokens)
    return f"{title}\n\n{in_text.map_of(maps[large.layer - 1][large.head - 1], reading)}"


def write(out: Path, reading: Reading, both: tuple, captions: list[Caption], large: Caption):
    """Write the page and the pictures, and say where they are."""
    before, after = map(reading.part, both)
    written = ["look.txt"]
    html = page.make(after, reading.shown, captions)
    if len(html.encode("utf-8")) <= page.MOST_BYTES:
        (out / "look.html").write_text(html, encoding="utf-8")
        written.append("look.html")
    else:
        print(f"\n{TOO_LARGE}")
    if pictures.has_matplotlib():
        print("\nDrawing the pictures ...", flush=True)
        weights = after[large.layer - 1][large.head - 1]
        figures = {
            "maps": pictures.all_maps(after, reading.shown, captions),
            "head": pictures.one_head(weights, reading.shown, large),
            "before_after": before_after(before, after, reading.shown, large.layer),
        }
        for name, figure in figures.items():
            written += [path.name for path in pictures.save(figure, out, name)]
    else:
        print(f"\n{NO_PICTURES}")
    print(f"\nWritten to {out}: {', '.join(written)}")
    if "look.html" in written:
        print(in_units("Open look.html in a browser, and point at a character.", reading.tokens))


def before_after(before: list[Tensor], after: list[Tensor], tokens: list[str], layer: int):
    """Draw all layers untrained and trained, or, of a large model, this layer alone."""
    if sum(map(len, after)) <= pictures.MOST_HEADS:
        return pictures.before_and_after(before, after, tokens)
    return pictures.before_and_after([before[layer - 1]], [after[layer - 1]], tokens, layer)
