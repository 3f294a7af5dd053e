# El modelo escribe: se le enseña el texto, se elige una letra, y otra vez.
# Aquí casi todo son listas de Python, para poder mirar cada número.

import torch

MENOS_INFINITO = float("-inf")
LETRAS_POR_PALABRA = 30


# Busca el lugar del número más grande de una lista.
def lugar_del_mayor(numeros):
    lugar = 0
    mayor = MENOS_INFINITO
    for i in range(len(numeros)):
        if numeros[i] > mayor:
            mayor = numeros[i]
            lugar = i
    return lugar


# Deja solo los k mejores puntos; los demás no pueden salir.
def dejar_los_mejores(puntos, k):
    quedan = list(puntos)
    resultado = [MENOS_INFINITO] * len(puntos)
    for _ in range(min(k, len(puntos))):
        lugar = lugar_del_mayor(quedan)
        resultado[lugar] = puntos[lugar]
        quedan[lugar] = MENOS_INFINITO
    return resultado


# Elige un id (un entero) según los puntos de todos los ids.
def elegir(puntos, temperatura, k, azar, aparato):
    # Sin temperatura no hay suerte.
    if temperatura == 0:
        return lugar_del_mayor(puntos)
    # Primero los k mejores.
    if k is not None:
        puntos = dejar_los_mejores(puntos, k)
    # Después la temperatura.
    divididos = []
    for p in puntos:
        divididos.append(p / temperatura)
    # Después las probabilidades, y el sorteo.
    probabilidades = torch.softmax(torch.tensor(divididos, device=aparato), dim=0)
    return torch.multinomial(probabilidades, 1, generator=azar).item()


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Lo que no se acepta.
    if temperature != temperature:
        raise ValueError("la temperatura no es un número")
    if temperature < 0:
        raise ValueError("la temperatura no puede ser negativa")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k tiene que ser 1 o más")
    if ids.shape[1] == 0:
        raise ValueError("el texto está vacío")

    # El texto como lista; el tensor de quien llama no se toca.
    texto = ids[0].tolist()
    bloque = model.config["block_size"]

    # Guardar el modo, y pasar al modo de usar.
    entrenando = model.training
    model.eval()
    try:
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # El modelo solo ve los últimos ids.
                ventana = texto[-bloque:]
                entrada = torch.tensor([ventana], dtype=torch.int64, device=ids.device)
                salida = model(entrada)  # PREDICT: what shape is this for a prompt of 5 ids?
                # Solo importa lo que viene después del último id.
                puntos = salida[0][-1].tolist()
                # Elegir y añadir.
                nuevo = elegir(puntos, temperature, top_k, generator, ids.device)
                texto.append(nuevo)
    finally:
        # Volver al modo de antes.
        if entrenando:
            model.train()
        else:
            model.eval()

    return torch.tensor([texto], dtype=torch.int64, device=ids.device)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # El comienzo, tal como lo lee el tokenizer.
    numeros = tokenizer.encode(prompt)
    comienzo = tokenizer.decode(numeros)
    palabras_al_comienzo = len(comienzo.split())

    # Letra por letra, con un límite por si nunca llega un espacio.
    cuento = comienzo
    limite = LETRAS_POR_PALABRA * n_words
    for _ in range(limite):
        entrada = torch.tensor([numeros], dtype=torch.int64)
        salida = generate(model, entrada, 1, temperature, generator=generator)
        numeros = numeros + [salida[0, -1].item()]
        cuento = tokenizer.decode(numeros)
        # ¿Hay bastantes palabras, y está terminada la última?
        palabras_nuevas = len(cuento.split()) - palabras_al_comienzo
        if palabras_nuevas >= n_words and cuento[-1] == " ":
            # El último espacio sobra.
            return cuento[0:len(cuento) - 1]
    return cuento
