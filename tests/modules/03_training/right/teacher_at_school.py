"""Wir üben mit dem Modell: raten lassen, die richtige Antwort zeigen, ein wenig verbessern."""

import os
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy


def get_batch(ids, batch_size, block_size, generator):
    """Schneidet zufällige Fenster aus dem Text: x sind die Fragen, y die Antworten."""
    # Wie viele Plätze gibt es, an denen ein Fenster anfangen kann?
    # Beispiel: 8 Nummern, Fenster von 3. Anfänge: 0, 1, 2, 3, 4. Das sind 8 - 3 = 5 Plätze.
    anzahl_plaetze = len(ids) - block_size
    if anzahl_plaetze < 1:
        raise ValueError(f"Der Text ist zu kurz: {len(ids)} Nummern, gebraucht werden {block_size + 1}.")

    fragen = []
    antworten = []
    for _ in range(batch_size):
        # Wir würfeln einen Anfang. randint lässt die obere Grenze weg.
        anfang = torch.randint(0, anzahl_plaetze, (1,), generator=generator).item()
        # Das Fenster, und dasselbe Fenster um einen Platz verschoben.
        frage = torch.as_tensor(ids[anfang : anfang + block_size], dtype=torch.int64)
        antwort = torch.as_tensor(ids[anfang + 1 : anfang + 1 + block_size], dtype=torch.int64)  # PREDICT: which ids are in y, if x is [5, 6, 7]?
        fragen.append(frage)
        antworten.append(antwort)

    # Aus den einzelnen Zeilen wird eine Tabelle.
    return torch.stack(fragen), torch.stack(antworten)


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    """Übt so viele Schritte, wie man möchte, und gibt alle Verluste zurück."""
    if steps < 1:
        raise ValueError("Wenigstens einen Schritt müssen wir gehen.")

    # Unser Würfel. Mit derselben Zahl seed würfelt er immer dasselbe.
    wuerfel = torch.Generator().manual_seed(seed)
    # Der Optimierer dreht an allen Zahlen des Modells.
    optimierer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    verluste = []

    # Erst merken, dann umschalten.
    war_im_training = model.training
    model.train()
    try:
        for schritt in range(1, steps + 1):
            # 1. Raten lassen.
            x, y = get_batch(ids, batch_size, block_size, wuerfel)
            punkte = model(x)

            # 2. Vergleichen. Alle Stellen aller Fenster kommen untereinander in eine lange Liste.
            anzahl_zeichen = punkte.shape[-1]
            verlust = cross_entropy(punkte.reshape(-1, anzahl_zeichen), y.reshape(-1))

            # 3. Lernen: Tafel wischen, Fehler zurückverfolgen, ein Stückchen drehen.
            optimierer.zero_grad()
            verlust.backward()
            optimierer.step()

            # 4. Ins Heft schreiben und Bescheid sagen.
            zahl = verlust.item()
            verluste.append(zahl)
            if on_step is not None:
                on_step(schritt, zahl)
    finally:
        model.train(war_im_training)
    return verluste


def save_checkpoint(path, model, tokenizer):
    """Legt Modell und Zerleger in eine Datei."""
    ziel = Path(path)
    # Der Zettel daneben: Erst wenn er ganz fertig ist, kommt er an den richtigen Platz.
    zettel = ziel.with_name(ziel.name + ".neu")
    inhalt = {
        "version": 1,
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }
    try:
        with open(zettel, "wb") as datei:
            torch.save(inhalt, datei)
        os.replace(zettel, ziel)
    finally:
        # Ging etwas schief, liegt der Zettel noch da. Wir räumen auf.
        zettel.unlink(missing_ok=True)


def load_checkpoint(path):
    """Holt Modell und Zerleger aus der Datei zurück."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    # Nur Zahlen und einfache Werte lesen, keine fremden Programme.
    try:
        inhalt = torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError:
        raise
    except Exception as fehler:
        raise ValueError(f"Diese Datei kann ich nicht lesen: {path}") from fehler
    if not isinstance(inhalt, dict) or inhalt.get("version") != 1:
        raise ValueError(f"Diese Datei ist nicht von uns: {path}")

    try:
        # Dieselbe Bauanleitung, dann die geübten Zahlen hinein.
        model = MiniGPT(**inhalt["config"])
        model.load_state_dict(inhalt["state_dict"])
        # Die ersten drei sind Sonderzeichen, die macht der Zerleger selbst.
        tokenizer = CharTokenizer("".join(inhalt["vocab"][3:]))
    except (KeyError, TypeError, RuntimeError) as fehler:
        raise ValueError(f"In dieser Datei fehlt etwas: {path}") from fehler

    # Jetzt wird nicht mehr geübt.
    model.eval()
    return model, tokenizer
