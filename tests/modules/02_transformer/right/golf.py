# Style: code golfer, one-letter names, everything in one or two classes, semicolons
import torch as t
from torch.nn import *

def causal_attention(q,k,v):
  T,D=q.shape[2:]
  s=q@k.mT*D**-.5
  w=(s+t.full((T,T),float('-inf'),device=q.device).triu(1)).softmax(-1)
  return w@v,w

class B(Module):
  def __init__(s,C,H):
    super().__init__(); s.H=H
    s.n,s.m=LayerNorm(C),LayerNorm(C)
    s.a,s.o=Linear(C,3*C),Linear(C,C)
    s.f=Sequential(Linear(C,4*C),SiLU(),Linear(4*C,C))
  def forward(s,x):
    b,T,C=x.shape
    q,k,v=s.a(s.n(x)).view(b,T,3,s.H,-1).permute(2,0,3,1,4)
    y=causal_attention(q,k,v)[0]
    x=x+s.o(y.transpose(1,2).reshape(b,T,C))
    return x+s.f(s.m(x))

class MiniGPT(Module):
  def __init__(s,vocab_size=100,n_embd=64,n_head=4,n_layer=2,block_size=512):
    c=dict(locals()); c.pop('s'); c.pop('__class__',0)
    super().__init__(); s.config=c
    if n_embd%n_head: raise ValueError('n_embd % n_head')
    s.e,s.p=Embedding(vocab_size,n_embd),Embedding(block_size,n_embd)
    s.b=Sequential(*(B(n_embd,n_head) for _ in range(n_layer)))
    s.n=LayerNorm(n_embd)
    s.h=Linear(n_embd,vocab_size)
  def forward(s,i):
    T=i.shape[1]
    if T>s.config['block_size']: raise ValueError('T > block_size')
    x=s.e(i)+s.p.weight[:T]
    return s.h(s.n(s.b(x)))
