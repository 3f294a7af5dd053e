# Style: as few lines as possible.
import torch
def run(m,f):
    t=m.training;m.eval()
    try:
        with torch.no_grad():return f(lambda x:m(x[:,-m.config["block_size"]:])[:,-1].log_softmax(-1))
    finally:m.train(t)
def log_probability(model,ids,start):
    T=ids.shape[1]
    if not 0<start<=T:raise ValueError(f"0 < start <= {T}, please")
    return run(model,lambda p:float(sum(p(ids[:,:i])[0,ids[0,i]]for i in range(start,T))))
def beam_search(model,ids,max_new_tokens,n_beams=4,length_penalty=0.0,eos_id=None):
    if min(n_beams,max_new_tokens,ids.shape[1])<1:raise ValueError("1 at least")
    def go(p):
        b=[(ids,0.,0,0)]
        for _ in range(max_new_tokens):
            c=[x for x in b if x[3]];o=[x for x in b if not x[3]]
            if not o:break
            for(x,s,n,_),q in zip(o,p(torch.cat([x[0]for x in o]))):
                c+=[(torch.cat([x,torch.tensor([[i]])],1),s+v,n+1,i==eos_id)for i,v in enumerate(q.tolist())]
            b=sorted(c,key=lambda x:-x[1]/x[2]**length_penalty)[:n_beams]
        return[(x,s/n**length_penalty)for x,s,n,_ in b]
    return run(model,go)
