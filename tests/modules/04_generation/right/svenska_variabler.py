# style: svensk gymnasist, ett litet steg per rad och allting i egna variabler
import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # är argumenten rimliga?
    if temperature < 0 or temperature != temperature:
        raise ValueError("temperaturen får inte vara negativ")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k måste vara minst 1")

    gammalt_lage = model.training
    model.eval()
    fonster = model.config["block_size"]
    resultat = ids.clone()

    with torch.no_grad():
        for steg in range(max_new_tokens):
            # modellen ser bara den sista biten
            langd = resultat.shape[1]
            start = langd - fonster
            if start < 0:
                start = 0
            synligt = resultat[:, start:langd]

            # poäng för nästa tecken
            alla_poang = model(synligt)
            poang = alla_poang[0, -1]

            if temperature == 0:
                nytt_id = torch.argmax(poang)
            else:
                poang = poang / temperature
                if top_k is not None:
                    ordning = torch.argsort(poang, descending=True)
                    bort = ordning[top_k:]
                    poang[bort] = float("-inf")
                sannolikhet = torch.softmax(poang, dim=0)
                nytt_id = torch.multinomial(sannolikhet, 1, generator=generator)

            # sätt dit det nya tecknet
            ny_kolumn = nytt_id.reshape(1, 1)
            resultat = torch.cat([resultat, ny_kolumn], dim=1)

    # tillbaka till läget från början
    if gammalt_lage:
        model.train()
    else:
        model.eval()
    return resultat


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    koder = tokenizer.encode(prompt)
    text = tokenizer.decode(koder)
    ord_i_borjan = len(text.split())

    rad = torch.tensor(koder, dtype=torch.int64)
    rad = rad.reshape(1, -1)

    mest = 30 * n_words
    tecken = 0
    klar = False
    while not klar and tecken < mest:
        rad = generate(model, rad, 1, temperature=temperature, generator=generator)
        tecken = tecken + 1

        # läs hela texten igen och räkna orden
        text = tokenizer.decode(rad[0].tolist())
        alla_ord = len(text.split())
        nya_ord = alla_ord - ord_i_borjan

        # det sista ordet är färdigt när det kommer ett mellanslag
        sista_tecknet = text[-1]
        if nya_ord >= n_words and sista_tecknet == " ":
            klar = True

    return text
