"""Kapitel 9: die Webseite. Erst rechnen, dann zeigen."""

import torch


def bewertung(modell, kennzahlen):
    """Gibt die Bewertungen des naechsten Zeichens zurueck."""
    laenge = modell.config["block_size"]
    vorher = modell.training
    modell.eval()
    try:
        with torch.no_grad():
            ausgabe = modell(torch.tensor([kennzahlen])[:, -laenge:])
    finally:
        modell.train(vorher)
    return ausgabe[0, -1]


def pruefe_text(text):
    if not isinstance(text, str) or not text:
        raise ValueError("Der Text ist leer.")


def next_characters(model, tokenizer, text, n=10):
    pruefe_text(text)
    if n < 1:
        raise ValueError(f"n muss mindestens 1 sein, nicht {n}.")
    anteile = torch.softmax(bewertung(model, tokenizer.encode(text)), dim=0)
    anzahl = min(n, anteile.shape[0])
    werte, plaetze = torch.topk(anteile, anzahl, sorted=True)
    zeichen = map(lambda platz: tokenizer.decode([platz]), plaetze.tolist())
    return list(zip(zeichen, werte.tolist()))


def ziehe(bewertungen, temperatur, beste, wuerfel):
    """Zieht eine Kennzahl."""
    if temperatur == 0:
        return torch.argmax(bewertungen).item()
    if beste is not None and beste < len(bewertungen):
        grenze = torch.sort(bewertungen, descending=True).values[beste - 1]
        bewertungen = torch.where(bewertungen < grenze, torch.tensor(float("-inf")), bewertungen)
    anteile = torch.softmax(bewertungen / temperatur, dim=0)
    return torch.multinomial(anteile, 1, generator=wuerfel).item()


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    pruefe_text(prompt)
    if temperature < 0:
        raise ValueError(f"temperature muss 0 oder groesser sein, nicht {temperature}.")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k muss mindestens 1 sein, nicht {top_k}.")
    wuerfel = torch.Generator()
    wuerfel.manual_seed(seed)
    kennzahlen = tokenizer.encode(prompt)
    ziel = len(kennzahlen) + n_characters
    while len(kennzahlen) < ziel:
        kennzahlen = kennzahlen + [ziehe(bewertung(model, kennzahlen), temperature, top_k, wuerfel)]
        yield tokenizer.decode(kennzahlen)


def build_page(model, tokenizer):
    import gradio as gr

    def schreibe(anfang, menge, temperatur):
        if not anfang:
            yield "Bitte gib einen Anfang ein."
            return
        yield from stream(model, tokenizer, anfang, int(menge), temperatur)

    with gr.Blocks(title="Mein Modell", analytics_enabled=False) as seite:
        gr.Markdown("# Mein Modell")
        anfang = gr.Textbox("once upon", label="Anfang")
        menge = gr.Slider(1, 500, 200, step=1, label="Zeichen")
        temperatur = gr.Slider(0, 2, 0.8, label="Temperatur")
        ausgabe = gr.Markdown(label="Text")
        start = gr.Button("Schreibe")
        halt = gr.Button("Halt")
        lauf = start.click(schreibe, [anfang, menge, temperatur], ausgabe)
        halt.click(None, cancels=lauf)
    return seite
