"""Writes train/adamw.json: five steps of torch.optim.AdamW in float64 with clipping by the global norm, one parameter decayed and
one not, the learning rate changing from step to step."""
import json
import pathlib

import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
a = torch.nn.Parameter(torch.randn(3, 4))
b = torch.nn.Parameter(torch.randn(5))
settings = dict(betas=(0.9, 0.95), eps=1e-8)
optimizer = torch.optim.AdamW([dict(params=[a], weight_decay=0.1), dict(params=[b], weight_decay=0.0)], lr=1.0, **settings)
out = dict(beta1=0.9, beta2=0.95, epsilon=1e-8, weight_decay=0.1, clip=1.0, a=a.tolist(), b=b.tolist(), steps=[])
for rate, size in [(0.01, 0.05), (0.02, 3.0), (0.03, 0.2), (0.02, 1.0), (0.005, 0.01)]:
    a.grad = torch.randn(3, 4) * size
    b.grad = torch.randn(5) * size
    step = dict(rate=rate, grad_a=a.grad.tolist(), grad_b=b.grad.tolist())
    step["norm"] = float(torch.nn.utils.clip_grad_norm_([a, b], 1.0))
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    step.update(a=a.tolist(), b=b.tolist())
    out["steps"].append(step)
path = pathlib.Path(__file__).parent.parent / "train" / "adamw.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(out, indent=1) + "\n")
