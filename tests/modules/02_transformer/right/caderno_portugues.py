# Caderno Jupyter exportado, em português: passos pequenos, tudo numa só classe, listas paralelas
# coding: utf-8

# In[1]:
import torch
import torch.nn as nn


# In[2]:
# Uma cabeça de atenção olha só para trás
def causal_attention(consulta, chave, valor):
    tamanho = consulta.shape[2]
    dim_cabeca = consulta.shape[3]

    chave_t = chave.transpose(2, 3)
    pontos = consulta.matmul(chave_t)
    raiz = dim_cabeca ** 0.5
    pontos = pontos / raiz

    mascara = torch.tril(torch.ones(tamanho, tamanho, device=consulta.device))
    pontos = pontos.masked_fill(mascara == 0, float("-inf"))

    pesos = torch.softmax(pontos, dim=3)
    saida = pesos.matmul(valor)
    return saida, pesos


# In[3]:
class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd tem de ser divisível por n_head")
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.emb_letras = nn.Embedding(vocab_size, n_embd)
        self.emb_lugares = nn.Embedding(block_size, n_embd)

        # uma lista para cada tipo de camada
        self.normas_a = nn.ModuleList()
        self.proj_qkv = nn.ModuleList()
        self.proj_saida = nn.ModuleList()
        self.normas_b = nn.ModuleList()
        self.expande = nn.ModuleList()
        self.encolhe = nn.ModuleList()
        for camada in range(n_layer):
            self.normas_a.append(nn.LayerNorm(n_embd))
            self.proj_qkv.append(nn.Linear(n_embd, 3 * n_embd))
            self.proj_saida.append(nn.Linear(n_embd, n_embd))
            self.normas_b.append(nn.LayerNorm(n_embd))
            self.expande.append(nn.Linear(n_embd, 4 * n_embd))
            self.encolhe.append(nn.Linear(4 * n_embd, n_embd))
        self.gelu = nn.GELU()
        self.norma_final = nn.LayerNorm(n_embd)
        self.cabeca_final = nn.Linear(n_embd, vocab_size)

    def separa(self, t):
        lote, tamanho, largura = t.shape
        n_head = self.config["n_head"]
        t = t.view(lote, tamanho, n_head, largura // n_head)
        t = t.transpose(1, 2)
        return t

    def forward(self, ids):
        lote, tamanho = ids.shape
        if tamanho > self.config["block_size"]:
            raise ValueError("texto comprido demais")
        largura = self.config["n_embd"]

        x = self.emb_letras(ids)
        lugares = torch.arange(tamanho, device=ids.device)
        x = x + self.emb_lugares(lugares)

        for i in range(self.config["n_layer"]):
            # 1) atenção
            h = self.normas_a[i](x)
            qkv = self.proj_qkv[i](h)
            q, k, v = torch.split(qkv, largura, dim=2)
            visto, _ = causal_attention(self.separa(q), self.separa(k), self.separa(v))
            visto = visto.transpose(1, 2)
            visto = visto.reshape(lote, tamanho, largura)
            x = x + self.proj_saida[i](visto)
            # 2) rede pequena
            h = self.normas_b[i](x)
            h = self.gelu(self.expande[i](h))
            pensado = self.encolhe[i](h)
            x = x + pensado

        x = self.norma_final(x)
        logits = self.cabeca_final(x)
        return logits
