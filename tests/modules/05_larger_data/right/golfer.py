import os,numpy as n,torch as t
from torch.nn.functional import cross_entropy as X
def read_pieces(path,size=10**6):
    with open(path,encoding="utf-8-sig")as f:
        p=f.read(size)
        if not p:raise ValueError("empty")
        while p:yield p;p=f.read(size)
def write_ids(path,pieces):
    c,q=0,f"{path}~"
    try:
        with open(q,"wb")as f:
            for p in pieces:
                if any(not 0<=i<65536 for i in p):raise ValueError("id")
                c+=f.write(b"".join(int(i).to_bytes(2,"little")for i in p))
        os.replace(q,path)
    finally:
        if os.path.exists(q):os.remove(q)
    return c//2
def open_ids(path):return n.memmap(path,"<u2","r")
def split(ids,share=.9):
    k=int(len(ids)*share)if 0<share<1 else 0
    if not ids[:k].__len__()*len(ids[k:]):raise ValueError("empty part")
    return ids[:k],ids[k:]
T=lambda a:t.tensor([int(i)for i in a])
def evaluate(model,ids,block_size=64,batch_size=32):
    m,N,s=model.training,len(ids)-1,0
    if N<1:raise ValueError("short")
    try:
        with t.inference_mode():
            model.eval()
            for i in range(0,N,block_size):
                a=T(ids[i:i+block_size+1]);s+=X(model(a[None,:-1])[0],a[1:],reduction="sum").item()
    finally:model.train(m)
    return s/N
def train_on_book(model,train_ids,val_ids,*,steps,eval_every=100,batch_size=32,block_size=64,learning_rate=3e-3,seed=0,on_eval=None):
    m,L,h,B,W=model.training,len(train_ids)-block_size,[],1e999,None
    if min(steps,eval_every,L,len(val_ids)-1)<1:raise ValueError("too few")
    g,o,l=t.Generator().manual_seed(seed),t.optim.Adam(model.parameters(),learning_rate),[]
    try:
        for s in range(1,steps+1):
            model.train();o.zero_grad()
            a=t.stack([T(train_ids[i:i+block_size+1])for i in t.randint(L,(batch_size,),generator=g)])
            e=X(model(a[:,:-1]).mT,a[:,1:]);e.backward();o.step();l+=[e.item()]
            if s%eval_every<1 or s==steps:
                v=evaluate(model,val_ids,block_size,batch_size)
                if v<B:B,W=v,{k:w+0 for k,w in model.state_dict().items()}
                h+=[(s,sum(l)/len(l),v)];l=[]
                if on_eval:on_eval(*h[-1])
        W and model.load_state_dict(W)
    finally:model.train(m)
    return h
