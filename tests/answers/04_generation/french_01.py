import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Ajoute max_new_tokens ids : (1, T) int64 -> (1, T + max_new_tokens) int64.

    Il faut au moins un id au départ.
    """
    # Refuser une température impossible (NaN veut dire « pas un nombre »).
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature doit être supérieure ou égale à 0")

    # Refuser un top_k qui ne garderait aucun logit.
    if top_k is not None and top_k < 1:
        raise ValueError("top_k doit être supérieur ou égal à 1")

    # Travailler sur une copie, pour ne pas changer le tenseur de l'appelant.
    ids = ids.clone()

    # Retenir le mode du modèle, puis passer en mode eval (sans dropout).
    was_training = model.training
    model.eval()

    # « finally », plus bas, s'exécute toujours, même après une erreur.
    try:
        # Ne pas calculer de gradients : ici, on n'apprend rien.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Garder les block_size derniers ids (ou tous, s'il y en a moins).
                window = ids[:, -model.config["block_size"] :]

                # Demander au modèle ses logits : (1, longueur de window, vocab_size).
                logits = model(window)

                # Choisir la seule séquence (0) et sa dernière position (-1).
                last_logits = logits[0, -1]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Sans hasard : prendre l'id du logit le plus haut.
                    next_id = torch.argmax(last_logits)
                else:
                    # Diviser les logits par la température.
                    scaled = last_logits / temperature

                    if top_k is not None:
                        # Ne jamais demander plus de logits qu'il n'y en a.
                        k = min(top_k, logits.shape[-1])

                        # Trouver les ids des k meilleurs logits.
                        best = torch.topk(last_logits, k).indices

                        # Partir de moins l'infini partout : probabilité 0 après softmax.
                        kept = torch.full_like(scaled, float("-inf"))

                        # Remettre seulement les k meilleurs à leur place.
                        kept[best] = scaled[best]
                        scaled = kept

                    # Changer les logits en probabilités, dont la somme est 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Tirer un id au hasard, selon ces probabilités.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Donner au nouvel id la forme (1, 1), puis le coller à la fin.
                ids = torch.cat([ids, next_id.view(1, 1)], dim=1)
    finally:
        # Remettre le modèle dans le mode où il était.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue prompt par n_words mots complets et rend tout le texte.

    Il faut au moins un caractère dans prompt.
    """
    # Changer le prompt en ids, de forme (1, T) ; ils sont sur le CPU, le modèle doit y être aussi.
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)

    # Relire le prompt comme le tokenizer le voit (avec <unk> pour l'inconnu).
    text = tokenizer.decode(ids[0].tolist())

    # Calculer combien de mots le texte doit avoir à la fin.
    target = len(text.split()) + n_words

    # Ajouter un caractère par tour, avec une limite si l'espace ne vient jamais.
    for _ in range(30 * n_words):
        # Demander un seul nouvel id à generate.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Relire tout le texte, prompt compris.
        text = tokenizer.decode(ids[0].tolist())

        # Vérifier s'il y a assez de mots et si le dernier est terminé.
        # isspace() accepte aussi un retour à la ligne, comme split().
        if len(text.split()) >= target and text[-1].isspace():
            # Enlever l'espace final, qui a seulement servi à savoir que le mot est fini.
            text = text[:-1]
            break

    return text
