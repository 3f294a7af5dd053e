# Style: Italian student, plain lists of ids and temporary variables, tensors only for the model
import torch


def controlla(temperature, top_k):
    if temperature < 0 or temperature != temperature:
        raise ValueError("la temperatura deve essere almeno 0")
    if top_k is not None and top_k <= 0:
        raise ValueError("top_k deve essere almeno 1")


def scegli(punteggi, temperature, top_k, generator):
    # temperatura zero: prendo il migliore
    if temperature == 0:
        return int(punteggi.argmax())

    # tengo solo i top_k migliori
    if top_k is not None and top_k < len(punteggi):
        ordinati = sorted(punteggi.tolist(), reverse=True)
        soglia = ordinati[top_k - 1]
        for i in range(len(punteggi)):
            if punteggi[i] < soglia:
                punteggi[i] = -float("inf")

    # estraggo a sorte
    probabilita = torch.softmax(punteggi / temperature, dim=0)
    estratto = torch.multinomial(probabilita, 1, generator=generator)
    return estratto.item()


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    controlla(temperature, top_k)

    in_addestramento = model.training
    model.eval()

    lunghezza = model.config["block_size"]
    sequenza = ids[0].tolist()

    try:
        with torch.no_grad():
            for passo in range(max_new_tokens):
                contesto = sequenza[-lunghezza:]
                ingresso = torch.tensor([contesto])
                uscita = model(ingresso)
                punteggi = uscita[0, -1].clone()
                scelto = scegli(punteggi, temperature, top_k, generator)
                sequenza.append(scelto)
    finally:
        if in_addestramento:
            model.train()

    risultato = torch.tensor([sequenza])
    return risultato


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    codici = tokenizer.encode(prompt)
    testo = tokenizer.decode(codici)
    parole_iniziali = len(testo.split())

    massimo = 30 * n_words
    caratteri = 0
    while caratteri < massimo:
        ingresso = torch.tensor([codici])
        nuovi = generate(model, ingresso, 1, temperature, None, generator)
        ultimo = int(nuovi[0, -1])
        codici.append(ultimo)
        testo = testo + tokenizer.decode([ultimo])
        caratteri = caratteri + 1

        # una parola e' finita quando la segue uno spazio
        parole_nuove = len(testo.split()) - parole_iniziali
        if testo[-1] == " " and parole_nuove >= n_words:
            break

    return testo
