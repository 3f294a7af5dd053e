# Style: a code golfer who knows torch's corners: unfold, multinomial, logsumexp - gather, autograd.grad, swapped-in p.grad.
import os,torch as t
from mini_gpt.tokenizer import CharTokenizer as C
from mini_gpt.transformer import MiniGPT as M

def get_batch(ids,batch_size,block_size,generator):
  if(n:=len(ids)-block_size)<1:raise ValueError("too short")
  w=ids.unfold(0,block_size+1,1)[t.multinomial(t.ones(n),batch_size,True,generator=generator)]
  return w[:,:-1],w[:,1:]

def train(model,ids,*,steps=100,batch_size=32,block_size=64,learning_rate=6e-3,seed=0,on_step=None):
  if steps<1:raise ValueError("steps")
  m,L,P=model.training,[],[*model.parameters()]
  g=t.Generator().manual_seed(seed);o=t.optim.AdamW(P,learning_rate);model.train()
  while len(L)<steps:
    x,y=get_batch(ids,batch_size,block_size,g);z=model(x)
    l=(z.logsumexp(2)-z.gather(2,y[...,None])[...,0]).mean()
    for p,d in zip(P,t.autograd.grad(l,P)):p.grad=d
    o.step()
    L+=[l.item()]
    if on_step:on_step(len(L),L[-1])
  model.train(m);return L

def save_checkpoint(path,model,tokenizer):
  f=f"{path}~"
  try:t.save(dict(c=model.config,v=tokenizer.vocab,s=model.state_dict()),f);os.replace(f,path)
  finally:os.path.exists(f)and os.remove(f)

def load_checkpoint(path):
  d=t.load(path,"cpu",weights_only=True)
  (m:=M(**d["c"])).load_state_dict(d["s"])
  return m.eval(),C("".join(d["v"][3:]))
