# Mein Training fuer das kleine GPT
import os
import torch
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    anzahl = len(ids)
    # zu kurzer Text geht nicht
    if anzahl < block_size + 1:
        raise ValueError("Der Text ist zu kurz: " + str(anzahl) + " Zeichen")
    letzter_anfang = anzahl - block_size - 1
    alle_x = []
    alle_y = []
    for nummer in range(batch_size):
        # randint zaehlt die obere Grenze nicht mit, darum + 1
        anfang = torch.randint(0, letzter_anfang + 1, (1,), generator=generator).item()
        zeile_x = []
        zeile_y = []
        for stelle in range(anfang, anfang + block_size):
            # PREDICT: which ids are in y, if x is [5, 6, 7]?
            zeile_x.append(int(ids[stelle]))
            zeile_y.append(int(ids[stelle + 1]))
        alle_x.append(zeile_x)
        alle_y.append(zeile_y)
    x = torch.tensor(alle_x, dtype=torch.long)
    y = torch.tensor(alle_y, dtype=torch.long)
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps muss mindestens 1 sein")

    # der Zufall
    zufall = torch.Generator()
    zufall.manual_seed(seed)

    # der Optimierer
    optimierer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # hier kommen die Verluste hinein
    verluste = []

    # Modus merken
    vorher = model.training
    model.train()

    try:
        for schritt in range(1, steps + 1):
            # 1. Daten holen
            x, y = get_batch(ids, batch_size, block_size, zufall)
            # 2. raten
            ausgabe = model(x)
            # 3. vergleichen: log-Wahrscheinlichkeit der richtigen Antwort
            logs = torch.log_softmax(ausgabe, dim=-1)
            richtige = torch.gather(logs, 2, y.unsqueeze(2))
            verlust = -richtige.mean()
            # 4. lernen
            optimierer.zero_grad()
            verlust.backward()
            optimierer.step()
            # 5. aufschreiben
            zahl = verlust.item()
            verluste.append(zahl)
            if on_step is not None:
                on_step(schritt, zahl)
    finally:
        # Modus zurueck
        model.train(vorher)
    return verluste


def save_checkpoint(path, model, tokenizer):
    ziel = str(path)
    vorlaeufig = ziel + ".neu"
    inhalt = {
        "einstellungen": model.config,
        "zeichen": tokenizer.vocab,
        "gewichte": model.state_dict(),
    }
    try:
        with open(vorlaeufig, "wb") as datei:
            torch.save(inhalt, datei)
        os.replace(vorlaeufig, ziel)
    finally:
        # wenn etwas schief ging, liegt die Datei noch da
        if os.path.exists(vorlaeufig):
            os.remove(vorlaeufig)


def load_checkpoint(path):
    with open(path, "rb") as datei:
        try:
            inhalt = torch.load(datei, map_location="cpu", weights_only=True)
        except Exception:
            raise ValueError("Diese Datei kann ich nicht lesen: " + str(path))
    try:
        einstellungen = inhalt["einstellungen"]
        zeichen = inhalt["zeichen"]
        gewichte = inhalt["gewichte"]
    except Exception:
        raise ValueError("In dieser Datei fehlt etwas: " + str(path))

    # die ersten drei sind Sonderzeichen
    text = ""
    for z in zeichen[3:]:
        text = text + z
    tokenizer = CharTokenizer(text)

    try:
        model = MiniGPT(**einstellungen)
        model.load_state_dict(gewichte)
    except Exception:
        raise ValueError("Die Gewichte passen nicht zum Modell: " + str(path))
    model.eval()
    return model, tokenizer
