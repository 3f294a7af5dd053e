# Style: a Brazilian student: Portuguese names, one small step per line, while loops, two long functions.
import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # verificar os argumentos
    temperatura_boa = temperature >= 0
    if not temperatura_boa:
        raise ValueError("a temperatura tem de ser 0 ou maior")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k tem de ser 1 ou maior")
    # guardar o estado de antes
    estava_treinando = model.training
    gradientes_ligados = torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)
    # gerar um token de cada vez
    tamanho = model.config["block_size"]
    sequencia = ids
    contador = 0
    while contador < max_new_tokens:
        comprimento = sequencia.shape[1]
        if comprimento > tamanho:
            janela = sequencia[:, comprimento - tamanho:]
        else:
            janela = sequencia
        saida = model(janela)
        ultima = saida.shape[1] - 1
        pontos = saida[:, ultima, :]
        # proibir todos menos os melhores
        if top_k is not None:
            vocabulario = pontos.shape[1]
            quantos = min(top_k, vocabulario)
            ordem = torch.argsort(pontos, dim=1, descending=True)
            melhores = ordem[:, :quantos]
            proibidos = torch.ones_like(pontos, dtype=torch.bool)
            proibidos.scatter_(1, melhores, False)
            pontos = pontos.masked_fill(proibidos, -float("inf"))
        # escolher
        if temperature == 0:
            novo = torch.argmax(pontos, dim=1, keepdim=True)
        else:
            probabilidades = torch.softmax(pontos / temperature, dim=1)
            novo = torch.multinomial(probabilidades, 1, generator=generator)
        sequencia = torch.cat((sequencia, novo), dim=1)
        contador = contador + 1
    # voltar ao estado de antes
    torch.set_grad_enabled(gradientes_ligados)
    model.train(estava_treinando)
    return sequencia


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    codigos = tokenizer.encode(prompt)
    texto = tokenizer.decode(codigos)
    palavras_no_inicio = texto.split()
    meta = len(palavras_no_inicio) + n_words
    limite = 30 * n_words
    passos = 0
    terminou = False
    while not terminou and passos < limite:
        entrada = torch.tensor([codigos])
        saida = generate(model, entrada, 1, temperature=temperature, generator=generator)
        codigo_novo = saida[0, -1].item()
        codigos.append(codigo_novo)
        texto = tokenizer.decode(codigos)
        palavras = texto.split()
        letra = texto[-1]
        if len(palavras) == meta and letra == " ":
            terminou = True
        passos = passos + 1
    return texto
