# Style: a French student, every small step has its own variable, draws by hand from running sums.
import math

import torch


def verifier(temperature, top_k):
    if math.isnan(temperature):
        raise ValueError("la temperature n'est pas un nombre")
    if temperature < 0:
        raise ValueError("la temperature doit etre positive ou nulle")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k doit valoir au moins 1")


def garder_les_meilleurs(scores, k):
    # les identifiants du meilleur au pire : tout ce qui vient apres les k premiers est perdu
    classement = torch.argsort(scores, descending=True)
    perdants = classement[k:]
    filtres = scores.clone()
    filtres[perdants] = -math.inf
    return filtres


def tirer_au_sort(probas, generator):
    # on coupe le segment [0, 1] en morceaux et on regarde dans lequel tombe la flechette
    cumul = torch.cumsum(probas.double(), dim=0)
    total = cumul[-1]
    flechette = torch.rand(1, generator=generator, dtype=torch.float64)
    position = flechette * total
    morceau = torch.searchsorted(cumul, position, right=True)
    return morceau.item()


def choisir(scores, temperature, top_k, generator):
    if temperature == 0:
        meilleur = torch.argmax(scores)
        return meilleur.item()
    if top_k is not None:
        scores = garder_les_meilleurs(scores, top_k)
    scores_divises = scores / temperature
    probas = torch.softmax(scores_divises, dim=0)
    tirage = tirer_au_sort(probas, generator)
    return tirage


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    verifier(temperature, top_k)
    taille_fenetre = model.config["block_size"]
    mode_avant = model.training
    model.eval()
    suite = ids[0].tolist()
    etape = 0
    while etape < max_new_tokens:
        # la fenetre : ce que le modele a le droit de voir
        fenetre = suite[-taille_fenetre:]
        entree = torch.tensor([fenetre])
        with torch.no_grad():
            sortie = model(entree)
        # seule la prediction apres le dernier caractere nous interesse
        derniers_scores = sortie[0, -1]
        nouveau = choisir(derniers_scores, temperature, top_k, generator)
        suite.append(nouveau)
        etape = etape + 1
    model.train(mode_avant)
    resultat = torch.tensor([suite])
    return resultat


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    codes = tokenizer.encode(prompt)
    texte = tokenizer.decode(codes)
    mots_au_debut = len(texte.split())
    mots_voulus = mots_au_debut + n_words
    essais_restants = 30 * n_words
    fini = n_words == 0
    while not fini:
        entree = torch.tensor([codes])
        sortie = generate(model, entree, 1, temperature=temperature, generator=generator)
        codes = sortie[0].tolist()
        texte = tokenizer.decode(codes)
        essais_restants = essais_restants - 1
        assez_de_mots = len(texte.split()) >= mots_voulus
        mot_termine = texte[-1] == " "
        if assez_de_mots and mot_termine:
            fini = True
        if essais_restants == 0:
            fini = True
    return texte
