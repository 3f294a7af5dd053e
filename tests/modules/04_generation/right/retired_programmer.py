# ======================================================================
#  SAMPLER.PY     Textausgabe des Sprachmodells
#  Vorfahr:       SAMPLER.FOR, spaeter sampler.c
#  Unterprogramme: generate, generate_words (oeffentlich), Rest intern
# ======================================================================

import torch

MAXWORT = 30            # laengstes Wort, in Zeichen
MINUS_UNENDLICH = float("-inf")


def _groesster(feld, n):
    """Index des groessten Elements von feld(0 .. n-1)."""
    imax = 0
    fmax = feld[0]
    i = 1
    while i < n:
        if feld[i] > fmax:
            fmax = feld[i]
            imax = i
        i = i + 1
    return imax


def _auswahl(zeile, temperature, top_k, generator):
    """Naechste Nummer aus den Punktzahlen zeile(V)."""
    n = zeile.shape[0]
    if temperature == 0:
        return _groesster(zeile.tolist(), n)
    if top_k is not None and top_k < n:
        # Rangliste, absteigend; alles unter dem k-ten Platz faellt heraus
        rang = sorted(zeile.tolist(), reverse=True)
        schwelle = rang[top_k - 1]
        zeile = torch.where(zeile >= schwelle, zeile, torch.full_like(zeile, MINUS_UNENDLICH))
    p = torch.softmax(zeile / temperature, 0)
    return int(torch.multinomial(p, 1, generator=generator))


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # ---- Eingabepruefung -------------------------------------------------
    if ids.shape[1] < 1:
        raise ValueError("generate: ids is empty")
    if temperature != temperature or temperature < 0:
        raise ValueError("generate: temperature must be >= 0")
    if top_k is not None and top_k < 1:
        raise ValueError("generate: top_k must be >= 1")

    # ---- Arbeitsspeicher anlegen: Platz fuer alles, was noch kommt -------
    nblock = model.config["block_size"]
    nalt = ids.shape[1]
    nges = nalt + max_new_tokens
    puffer = torch.zeros((1, nges), dtype=torch.int64, device=ids.device)
    puffer[0, 0:nalt] = ids[0]

    # ---- Hauptschleife ---------------------------------------------------
    alter_modus = model.training
    model.eval()
    try:
        with torch.no_grad():
            n = nalt                      # belegte Plaetze im Puffer
            while n < nges:
                ianf = n - nblock         # Fenster: ianf .. n-1
                if ianf < 0:
                    ianf = 0
                ausgabe = model(puffer[:, ianf:n])
                # PREDICT: what shape is this for a prompt of 5 ids?
                zeile = ausgabe[0, n - ianf - 1]
                puffer[0, n] = _auswahl(zeile, temperature, top_k, generator)
                n = n + 1
    finally:
        model.train(alter_modus)
    return puffer


def _zaehle_worte(text):
    """Zahl der Worte, und ob das letzte noch offen ist."""
    nworte = 0
    im_wort = False
    for c in text:
        if c.isspace():
            im_wort = False
        else:
            if not im_wort:
                nworte = nworte + 1
            im_wort = True
    return nworte, im_wort


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    nummern = list(tokenizer.encode(prompt))
    text = tokenizer.decode(nummern)
    nvorher, offen = _zaehle_worte(text)
    nsoll = nvorher + n_words
    nworte = nvorher
    nzeichen = 0
    while nzeichen < MAXWORT * n_words and (nworte < nsoll or offen):
        feld = torch.tensor([nummern], dtype=torch.int64)
        feld = generate(model, feld, 1, temperature, None, generator)
        nummern.append(int(feld[0, -1]))
        text = tokenizer.decode(nummern)
        nworte, offen = _zaehle_worte(text)
        nzeichen = nzeichen + 1
    # Leerzeichen am Ende abschneiden
    nlen = len(text)
    while nlen > 0 and text[nlen - 1].isspace():
        nlen = nlen - 1
    return text[0:nlen]
