# Mein Textgenerator. Ich lerne noch, darum schreibe ich alles Schritt fuer Schritt auf.
import torch


# sucht in einer Liste die Stelle, an der die groesste Zahl steht
def finde_stelle_der_hoechsten_bewertung(liste_der_bewertungen):
    stelle_der_hoechsten = 0
    hoechste_bewertung_bisher = liste_der_bewertungen[0]
    aktuelle_stelle = 0
    while aktuelle_stelle < len(liste_der_bewertungen):
        if liste_der_bewertungen[aktuelle_stelle] > hoechste_bewertung_bisher:
            hoechste_bewertung_bisher = liste_der_bewertungen[aktuelle_stelle]
            stelle_der_hoechsten = aktuelle_stelle
        aktuelle_stelle = aktuelle_stelle + 1
    return stelle_der_hoechsten


# laesst nur die besten Bewertungen stehen, alle anderen werden minus unendlich
def behalte_nur_die_besten_bewertungen(bewertungen, wie_viele_behalten):
    minus_unendlich = float("-inf")
    liste_zum_durchstreichen = bewertungen.tolist()
    nur_die_besten = torch.full_like(bewertungen, minus_unendlich)
    schon_behalten = 0
    while schon_behalten < wie_viele_behalten and schon_behalten < len(liste_zum_durchstreichen):
        beste_stelle = finde_stelle_der_hoechsten_bewertung(liste_zum_durchstreichen)
        nur_die_besten[beste_stelle] = bewertungen[beste_stelle]
        # durchstreichen, damit beim naechsten Mal die zweitbeste gefunden wird
        liste_zum_durchstreichen[beste_stelle] = minus_unendlich
        schon_behalten = schon_behalten + 1
    return nur_die_besten


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # NaN ist die einzige Zahl, die nicht gleich sich selbst ist (habe ich nachgelesen)
    if temperature != temperature:
        raise ValueError("temperature ist keine Zahl")
    if temperature < 0:
        raise ValueError("temperature darf nicht negativ sein")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k muss mindestens 1 sein")

    # merken, ob das Modell gerade trainiert wurde
    war_das_modell_im_training = model.training
    model.eval()

    laengster_text_fuer_das_modell = model.config["block_size"]
    alle_nummern_bisher = ids.clone()
    anzahl_der_neuen_nummern = 0

    with torch.no_grad():
        while anzahl_der_neuen_nummern < max_new_tokens:
            # das Modell darf nur das Ende des Textes sehen, wenn der Text zu lang ist
            laenge_des_ganzen_textes = alle_nummern_bisher.shape[1]
            erste_sichtbare_stelle = 0
            if laenge_des_ganzen_textes > laengster_text_fuer_das_modell:
                erste_sichtbare_stelle = laenge_des_ganzen_textes - laengster_text_fuer_das_modell
            sichtbare_nummern = alle_nummern_bisher[:, erste_sichtbare_stelle:]

            # das Modell fragen und nur die letzte Stelle anschauen
            alle_bewertungen = model(sichtbare_nummern)
            letzte_bewertungen = alle_bewertungen[0, -1]  # PREDICT: what shape is this for a prompt of 5 ids?

            if temperature == 0:
                # kein Zufall: einfach die beste Nummer
                beste_nummer = finde_stelle_der_hoechsten_bewertung(letzte_bewertungen.tolist())
                neue_nummer = torch.tensor([beste_nummer])
            else:
                # mit Zufall: Wahrscheinlichkeiten ausrechnen und wuerfeln
                geteilte_bewertungen = letzte_bewertungen / temperature
                if top_k is not None:
                    geteilte_bewertungen = behalte_nur_die_besten_bewertungen(geteilte_bewertungen, top_k)
                wahrscheinlichkeiten = torch.softmax(geteilte_bewertungen, dim=0)
                neue_nummer = torch.multinomial(wahrscheinlichkeiten, 1, generator=generator)

            # hinten anhaengen
            neue_nummer_als_tabelle = neue_nummer.reshape(1, 1)
            alle_nummern_bisher = torch.cat((alle_nummern_bisher, neue_nummer_als_tabelle), dim=1)
            anzahl_der_neuen_nummern = anzahl_der_neuen_nummern + 1

    # alles wieder so hinstellen, wie es vorher war
    if war_das_modell_im_training:
        model.train()
    return alle_nummern_bisher


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # den Anfang so lesen, wie der Tokenizer ihn sieht
    nummern_vom_anfang = tokenizer.encode(prompt)
    text_bis_jetzt = tokenizer.decode(nummern_vom_anfang)
    anzahl_woerter_am_anfang = len(text_bis_jetzt.split())

    nummern_bis_jetzt = torch.tensor([nummern_vom_anfang], dtype=torch.int64)
    anzahl_neuer_buchstaben = 0
    sind_wir_fertig = False

    while sind_wir_fertig == False and anzahl_neuer_buchstaben < 30 * n_words:
        # einen Buchstaben dazu
        nummern_bis_jetzt = generate(model, nummern_bis_jetzt, 1, temperature, None, generator)
        anzahl_neuer_buchstaben = anzahl_neuer_buchstaben + 1
        text_bis_jetzt = tokenizer.decode(nummern_bis_jetzt[0].tolist())
        # zaehlen, wie viele Woerter dazugekommen sind
        anzahl_neuer_woerter = len(text_bis_jetzt.split()) - anzahl_woerter_am_anfang
        if anzahl_neuer_woerter >= n_words:
            if text_bis_jetzt[-1] == " ":
                sind_wir_fertig = True

    # das Leerzeichen hinter dem letzten Wort brauche ich nicht
    if sind_wir_fertig:
        text_bis_jetzt = text_bis_jetzt[:-1]
    return text_bis_jetzt
