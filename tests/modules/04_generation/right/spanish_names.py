# Translated from a Spanish course: Spanish names, one small function for each idea, no torch.cat.
import torch


def revisar(temperatura, mejores):
    if not temperatura >= 0:
        raise ValueError("la temperatura no puede ser negativa")
    if mejores is not None and mejores <= 0:
        raise ValueError("top_k debe ser al menos 1")


def quitar_los_peores(puntos, mejores):
    cuantos = min(mejores, puntos.shape[-1])
    limite = puntos.sort(descending=True).values[:, cuantos - 1]
    return puntos.where(puntos >= limite[:, None], torch.tensor(float("-inf")))


def elegir(puntos, temperatura, mejores, generador):
    if temperatura == 0:
        return puntos.argmax(dim=-1)
    puntos = puntos / temperatura
    if mejores is not None:
        puntos = quitar_los_peores(puntos, mejores)
    probabilidades = puntos.softmax(dim=-1)
    return torch.multinomial(probabilidades, 1, generator=generador)[:, 0]


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    revisar(temperature, top_k)
    largo = ids.shape[1]
    ventana = model.config["block_size"]
    resultado = ids.new_zeros(ids.shape[0], largo + max_new_tokens)
    resultado[:, :largo] = ids
    estaba_entrenando = model.training
    model.eval()
    try:
        with torch.no_grad():
            for fin in range(largo, largo + max_new_tokens):
                inicio = max(0, fin - ventana)
                contexto = resultado[:, inicio:fin]
                puntos = model(contexto)[:, -1]
                resultado[:, fin] = elegir(puntos, temperature, top_k, generator)
    finally:
        model.train(estaba_entrenando)
    return resultado


def contar_palabras(texto):
    return len(texto.split())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)])
    texto = tokenizer.decode(ids[0].tolist())
    meta = contar_palabras(texto) + n_words
    limite = 30 * n_words
    while limite > 0:
        if contar_palabras(texto) >= meta and texto[-1].isspace():
            break
        ids = generate(model, ids, 1, temperature, generator=generator)
        texto = tokenizer.decode(ids[0].tolist())
        limite -= 1
    return texto
