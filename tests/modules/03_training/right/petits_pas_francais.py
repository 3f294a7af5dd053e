# Style: a French student, everything in small steps with temporary variables, while loop and plain lists.
import os
import torch
from torch.nn import CrossEntropyLoss
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

def get_batch(ids, batch_size, block_size, generator):
    # combien de lettres faut-il pour une fenetre et sa derniere reponse ?
    longueur = len(ids)
    besoin = block_size + 1
    if longueur < besoin:
        raise ValueError("le texte est trop court")
    dernier_depart = longueur - besoin
    lignes_x = []
    lignes_y = []
    for numero in range(batch_size):
        tirage = torch.randint(0, dernier_depart + 1, (1,), generator=generator)
        depart = tirage.item()
        fin = depart + block_size
        entree = ids[depart:fin]
        reponse = ids[depart + 1:fin + 1]
        lignes_x.append(entree)
        lignes_y.append(reponse)
    x = torch.stack(lignes_x)
    y = torch.stack(lignes_y)
    return x, y

def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("il faut au moins une etape")
    mode_avant = model.training
    hasard = torch.Generator()
    hasard.manual_seed(seed)
    optimiseur = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    critere = CrossEntropyLoss()
    pertes = []
    model.train()
    etape = 0
    while etape < steps:
        etape = etape + 1
        # tirer un lot
        x, y = get_batch(ids, batch_size, block_size, hasard)
        # deviner
        scores = model(x)
        nombre_lots, longueur, taille_vocab = scores.shape
        scores_plats = scores.reshape(nombre_lots * longueur, taille_vocab)
        reponses_plates = y.reshape(nombre_lots * longueur)
        # comparer
        perte = critere(scores_plats, reponses_plates)
        # apprendre
        optimiseur.zero_grad()
        perte.backward()
        optimiseur.step()
        # noter
        valeur = perte.item()
        pertes.append(valeur)
        if on_step is not None:
            on_step(etape, valeur)
    if mode_avant:
        model.train()
    else:
        model.eval()
    return pertes

def save_checkpoint(path, model, tokenizer):
    contenu = {}
    contenu["config"] = model.config
    contenu["vocab"] = tokenizer.vocab
    contenu["poids"] = model.state_dict()
    chemin = str(path)
    provisoire = chemin + ".provisoire"
    try:
        torch.save(contenu, provisoire)
        os.replace(provisoire, chemin)
    finally:
        reste = os.path.exists(provisoire)
        if reste:
            os.remove(provisoire)

def load_checkpoint(path):
    contenu = torch.load(path, map_location="cpu", weights_only=True)
    config = contenu["config"]
    model = MiniGPT(**config)
    poids = contenu["poids"]
    model.load_state_dict(poids)
    model.eval()
    vocab = contenu["vocab"]
    lettres = vocab[3:]
    texte = "".join(lettres)
    tokenizer = CharTokenizer(texte)
    return model, tokenizer
