# Style: a German student, numbered steps, everything spelled out.
import torch
from torch.nn.functional import cross_entropy, log_softmax


def naechste(modell, texte):
    # so viel, wie das Modell sehen kann
    groesse = modell.config["block_size"]
    ausschnitt = texte[:, -groesse:]
    ausgabe = modell(ausschnitt)
    letzte = ausgabe[:, -1, :]
    return log_softmax(letzte, dim=-1)


def log_probability(model, ids, start):
    laenge = ids.shape[1]
    if start < 1:
        raise ValueError("start muss mindestens 1 sein")
    if start > laenge:
        raise ValueError("start darf nicht hinter dem Text liegen")
    vorher = model.training
    model.eval()
    try:
        with torch.no_grad():
            summe = 0.0
            for stelle in range(start, laenge):
                groesse = model.config["block_size"]
                fenster = ids[:, max(0, stelle - groesse) : stelle]
                ausgabe = model(fenster)[:, -1, :]
                summe -= cross_entropy(ausgabe, ids[:, stelle]).item()
    finally:
        model.train(vorher)
    return summe


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    # 1. Eingaben prüfen
    if n_beams < 1:
        raise ValueError("n_beams muss mindestens 1 sein")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens muss mindestens 1 sein")
    if ids.shape[1] < 1:
        raise ValueError("der Anfang ist leer")
    vorher = model.training
    model.eval()
    try:
        with torch.no_grad():
            # 2. drei Listen nebeneinander: Texte, Summen, fertig
            texte = [ids]
            summen = [0.0]
            fertig = [False]
            bewertungen = [0.0]
            for schritt in range(max_new_tokens):
                neue = []
                # 3. fertige Texte bleiben, wie sie sind
                for nummer in range(len(texte)):
                    if fertig[nummer]:
                        eintrag = (bewertungen[nummer], texte[nummer], summen[nummer], True)
                        neue.append(eintrag)
                offen = [nummer for nummer in range(len(texte)) if not fertig[nummer]]
                if len(offen) == 0:
                    break
                # 4. alle offenen Texte auf einmal
                stapel = torch.cat([texte[nummer] for nummer in offen], dim=0)
                tabelle = naechste(model, stapel)
                anzahl = tabelle.shape[1]
                for zeile, nummer in enumerate(offen):
                    for zeichen in range(anzahl):
                        summe = summen[nummer] + float(tabelle[zeile, zeichen])
                        anhang = torch.tensor([[zeichen]], dtype=ids.dtype)
                        text = torch.cat([texte[nummer], anhang], dim=1)
                        laenge = text.shape[1] - ids.shape[1]
                        bewertung = summe / (laenge**length_penalty)
                        ist_ende = eos_id is not None and zeichen == eos_id
                        neue.append((bewertung, text, summe, ist_ende))
                # 5. die besten behalten
                neue.sort(key=lambda eintrag: eintrag[0], reverse=True)
                neue = neue[:n_beams]
                bewertungen = [eintrag[0] for eintrag in neue]
                texte = [eintrag[1] for eintrag in neue]
                summen = [eintrag[2] for eintrag in neue]
                fertig = [eintrag[3] for eintrag in neue]
    finally:
        model.train(vorher)
    return list(zip(texte, bewertungen))
