import torch as t
def _l(m,i):
 w=m.training;m.eval()
 try:
  with t.no_grad():return m(t.tensor([i[-m.config["block_size"]:]]))[0,-1]
 finally:m.train(w)
def _e(k,s):
 if s=="":raise ValueError("empty")
 return[*k.encode(s)]
def next_characters(m,k,s,n=10):
 if n<1:raise ValueError("n")
 p=_l(m,_e(k,s)).softmax(0).tolist()
 return[(k.decode([i]),p[i])for i in sorted(range(len(p)),key=p.__getitem__,reverse=1)[:n]]
def stream(m,k,s,n_characters=200,temperature=.8,top_k=None,seed=0):
 i=_e(k,s);g=t.Generator().manual_seed(seed)
 if temperature<0 or top_k is not None and top_k<1:raise ValueError("range")
 for _ in range(n_characters):
  l=_l(m,i);o=l.argsort(descending=True)[:top_k]
  i+=[int(o[0]if temperature==0 else o[t.multinomial((l[o]/temperature).softmax(0),1,generator=g)])]
  yield k.decode(i)
def build_page(m,k):
 import gradio as gr
 with gr.Blocks(analytics_enabled=False)as p:
  a=gr.Textbox(label="in");n=gr.Slider(1,300,99,step=1,label="n");o=gr.Textbox(label="out");b=gr.Button("go");s=gr.Button("stop")
  def f(x,n):yield from stream(m,k,x,int(n))
  s.click(None,cancels=[b.click(f,[a,n],o),a.submit(f,[a,n],o)])
 return p
