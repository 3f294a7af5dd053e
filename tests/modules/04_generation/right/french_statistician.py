# Échantillonneur : un texte est une trajectoire d'une chaîne de Markov d'ordre L = block_size.
#
# Notations
#   x    trajectoire, (1, t + n) : t ids observés, puis n tirages
#   z    logits conditionnels, (m,)
#   tau  température de la loi de Gibbs
#   k    cardinal du support (None : tout le vocabulaire)
#
# Habitudes numpy : on alloue une fois, on remplit par tranches, on indexe par des entiers.

import torch as np  # pas de numpy ici, mais mes doigts ne connaissent que « np »

LETTRES_PAR_MOT = 30


def gibbs(z, tau):
    """p_i = exp(z_i / tau) / somme. Le max est soustrait : invariance par translation."""
    u = (z - z.max()) / tau
    w = np.exp(u)
    return w / w.sum()


def tirage(z, tau, k, rng):
    # loi dégénérée : toute la masse est sur le mode
    if tau == 0:
        return z.argmax()
    # on tronque le support, puis on tire un rang j dans ce support
    support = np.arange(len(z), device=z.device) if k is None else np.argsort(z, descending=True)[:k]
    p = gibbs(z[support], tau)
    j = np.multinomial(p, 1, generator=rng)[0]
    return support[j]


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # NaN >= 0 est faux : une seule condition suffit
    if not temperature >= 0:
        raise ValueError(f"température hors de [0, inf) : {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"support vide : top_k = {top_k}")

    L = model.config["block_size"]
    t, n = ids.shape[1], max_new_tokens

    # copie des observations dans un tableau neuf ; les tirages viendront à droite
    x = np.zeros((1, t + n), dtype=np.int64, device=ids.device)
    x[:, :t] = ids

    regime = model.training
    model.eval()
    try:
        with np.no_grad():
            for i in range(t, t + n):
                # loi de x_i sachant les L valeurs précédentes
                z = model(x[:, max(0, i - L):i])[0, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
                x[0, i] = tirage(z, temperature, top_k, generator)
    finally:
        model.train(regime)
    return x


def mots_finis(texte):
    """Nombre de mots terminés. La sentinelle se colle au mot en cours, ou forme un mot à elle seule."""
    return len((texte + "#").split()) - 1


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    x = np.tensor([tokenizer.encode(prompt)], dtype=np.int64)
    texte = tokenizer.decode(x[0].tolist())
    cible = len(texte.split()) + n_words

    # temps d'arrêt : le premier instant où la cible est atteinte, borné par 30 n
    for _ in range(LETTRES_PAR_MOT * n_words):
        x = generate(model, x, 1, temperature, generator=generator)
        texte = tokenizer.decode(x[0].tolist())
        if mots_finis(texte) >= cible:
            return texte[:-1]  # sans l'espace finale
    return texte
