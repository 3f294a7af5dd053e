# generatore di testo, versione di Giulia
# tengo gli id in una lista normale, cosi' capisco cosa succede

import torch


def scegli(punteggi, temperature, top_k, generator):
    # punteggi: (V) un numero per ogni id

    # temperatura zero: prendo il migliore
    if temperature == 0:
        migliore = 0
        for i in range(len(punteggi)):
            if punteggi[i] > punteggi[migliore]:
                migliore = i
        return migliore

    # tengo solo i top_k migliori, gli altri vanno a meno infinito
    if top_k is not None:
        quanti = top_k
        if quanti > len(punteggi):
            quanti = len(punteggi)
        valori, posti = torch.topk(punteggi, quanti)
        nuovi = torch.ones(len(punteggi)) * float("-inf")
        for posto in posti.tolist():
            nuovi[posto] = punteggi[posto]
        punteggi = nuovi

    # divido per la temperatura, poi softmax, poi tiro a sorte
    punteggi = punteggi / temperature
    probabilita = torch.softmax(punteggi, dim=0)
    scelto = torch.multinomial(probabilita, 1, generator=generator)
    return scelto.item()


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # controllo gli argomenti
    if temperature < 0:
        raise ValueError("la temperatura non puo' essere negativa")
    if temperature != temperature:
        raise ValueError("la temperatura non e' un numero")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k deve essere almeno 1")
    if ids.shape[1] == 0:
        raise ValueError("serve almeno un id")

    blocco = model.config["block_size"]
    lista = ids[0].tolist()

    # mi ricordo in che modo era il modello
    allenamento = model.training
    model.eval()
    try:
        for giro in range(max_new_tokens):
            # il modello vede solo gli ultimi id
            ultimi = lista[-blocco:]
            ingresso = torch.tensor([ultimi])           # (1, T)
            with torch.no_grad():
                logits = model(ingresso)                # (1, T, V)
            punteggi = logits[0][-1]                    # (V)
            nuovo = scegli(punteggi, temperature, top_k, generator)
            lista.append(nuovo)
    finally:
        # rimetto il modello come era
        if allenamento:
            model.train()
        else:
            model.eval()

    risultato = torch.tensor([lista])
    return risultato


def conta_parole(testo):
    return len(testo.split())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    lista = tokenizer.encode(prompt)
    testo = tokenizer.decode(lista)
    parole_iniziali = conta_parole(testo)
    massimo = 30 * n_words
    aggiunti = 0
    finito = False

    while not finito:
        if aggiunti == massimo:
            break
        # aggiungo una lettera
        ids = torch.tensor([lista])
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        lista = ids[0].tolist()
        testo = tokenizer.decode(lista)
        aggiunti = aggiunti + 1

        # ho abbastanza parole, e l'ultima e' completa?
        parole_nuove = conta_parole(testo) - parole_iniziali
        if testo[-1] == " ":
            if parole_nuove >= n_words:
                finito = True

    # tolgo lo spazio alla fine
    if finito:
        testo = testo[0:len(testo) - 1]
    return testo
