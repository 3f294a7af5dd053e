# sampler.py : le modèle écrit du texte, une lettre après l'autre.

# On a besoin de PyTorch pour les tenseurs.
import torch


# Continuer une suite d'identifiants. (1, T) -> (1, T + max_new_tokens)
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Refuser un texte vide : il n'y a rien à continuer.
    if ids.shape[1] == 0:
        # Dire à l'appelant ce qui manque.
        raise ValueError("ids must hold at least one token")
    # Refuser une température négative, ou qui n'est pas un nombre (NaN).
    if not temperature >= 0:
        # Dire à l'appelant ce qui ne va pas.
        raise ValueError("temperature must be 0 or above")
    # Refuser un top_k trop petit.
    if top_k is not None and top_k < 1:
        # Dire à l'appelant ce qui ne va pas.
        raise ValueError("top_k must be at least 1")
    # Lire la plus grande longueur que le modèle peut regarder.
    block_size = model.config["block_size"]
    # Se souvenir du mode dans lequel était le modèle.
    was_training = model.training
    # Passer en mode évaluation.
    model.eval()
    # Quoi qu'il arrive ici, le mode sera rétabli.
    try:
        # Ne pas calculer de gradients.
        with torch.no_grad():
            # Répéter une fois par nouvel identifiant.
            for _ in range(max_new_tokens):
                # Ne montrer que les derniers identifiants.   (1, T) -> (1, au plus block_size)
                context = ids[:, -block_size:]
                # Demander au modèle ses scores.   -> (1, T, V)
                logits = model(context)
                # Garder seulement la dernière position.   -> (1, V)
                last = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
                # Température 0 : pas de hasard.
                if temperature == 0:
                    # Prendre le meilleur score.   -> (1, 1)
                    next_id = torch.argmax(last, dim=-1, keepdim=True)
                # Sinon, on tire au sort.
                else:
                    # Combien de candidats participent au tirage ?
                    k = last.size(-1) if top_k is None else min(top_k, last.size(-1))
                    # Sans top_k, tous les identifiants participent, dans leur ordre.   (1, V)
                    scores, candidates = last, torch.arange(k, device=last.device)[None, :]
                    # Avec top_k, seulement les meilleurs.
                    if top_k is not None:
                        # Les k meilleurs scores, et leurs identifiants.   (1, k) et (1, k)
                        scores, candidates = torch.topk(last, k, dim=-1)
                    # Diviser par la température, puis softmax.   (1, k)
                    probabilities = torch.softmax(scores / temperature, dim=-1)
                    # Tirer une place parmi les candidats.   (1, 1)
                    place = torch.multinomial(probabilities, num_samples=1, generator=generator)
                    # Trouver l'identifiant qui est à cette place.   (1, 1)
                    next_id = candidates.gather(1, place)
                # Ajouter l'identifiant à la fin, dans un nouveau tenseur.   (1, T) -> (1, T + 1)
                ids = torch.cat((ids, next_id), dim=1)
    # À la fin, toujours :
    finally:
        # Rétablir le mode d'avant.
        model.train(was_training)
    # Rendre le texte entier.
    return ids


# Continuer un texte de n_words mots complets.
def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # Transformer le texte en identifiants.   (1, T)
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    # Relire le texte comme le tokenizer le voit.
    start = tokenizer.decode(ids[0].tolist())
    # Le texte entier, jusqu'ici.
    text = start
    # Le nombre de mots que l'on veut à la fin.
    target = len(start.split()) + n_words
    # Ne jamais dépasser 30 caractères par mot.
    for _ in range(30 * n_words):
        # Assez de mots, et un espace derrière le dernier ?
        if len(text.split()) >= target and text[-1].isspace():
            # Alors c'est fini.
            break
        # Ajouter un seul caractère.   (1, T) -> (1, T + 1)
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        # Relire le texte entier.
        text = tokenizer.decode(ids[0].tolist())
    # Enlever l'espace derrière le dernier mot.
    text = text.rstrip()
    # Rendre le texte.
    return text
