#!/usr/bin/env python3
"""Training speed of layerwalk-cli against PyTorch, in one run: the same decoder and the same LSTM, batch and context.

Usage: python3 tests/bench/train_against_pytorch.py [--cli build/release/bin/layerwalk-cli] [--steps 12] [--batch 16] [--context 256]
Needs PyTorch. Prints tokens/s of both and their ratio; both use all cores. Data are random ids, so losses mean nothing here.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional as F

V, D, LAYERS, HEADS, INNER = 4000, 128, 4, 4, 192


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(D))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.gain


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = RmsNorm(), RmsNorm()
        self.qkv, self.out = nn.Linear(D, 3 * D, bias=False), nn.Linear(D, D, bias=False)
        self.gate, self.up, self.down = (nn.Linear(D, INNER, bias=False), nn.Linear(D, INNER, bias=False),
                                         nn.Linear(INNER, D, bias=False))

    def forward(self, x, cos, sin, mask):
        B, T, _ = x.shape
        q, k, v = (t.view(B, T, HEADS, -1).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, -1))

        def turn(t):
            a, b = t.chunk(2, -1)
            return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)

        if hasattr(F, "scaled_dot_product_attention"):
            z = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        else:
            z = (turn(q) @ turn(k).transpose(-1, -2) / math.sqrt(D // HEADS) + mask).softmax(-1) @ v
        x = x + self.out(z.transpose(1, 2).reshape(B, T, D))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Decoder(nn.Module):
    def __init__(self, context):
        super().__init__()
        self.embed = nn.Embedding(V, D)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = RmsNorm()
        half = D // HEADS // 2
        angle = torch.outer(torch.arange(context), 10000.0 ** (-torch.arange(half) / half))
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("mask", torch.full((context, context), -math.inf).triu(1))

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return self.norm(x) @ self.embed.weight.T


class Lstm(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.embed = nn.Embedding(V, width)
        self.cells = nn.LSTM(width, width, layers, batch_first=True)

    def forward(self, ids):
        return self.cells(self.embed(ids))[0] @ self.embed.weight.T


def pytorch_speed(model, steps, batch, context):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
    speeds = []
    for step in range(steps + 2):
        ids = torch.randint(0, V, (batch, context + 1))
        begin = time.perf_counter()
        loss = F.cross_entropy(model(ids[:, :-1]).reshape(-1, V), ids[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step >= 2:
            speeds.append(batch * context / (time.perf_counter() - begin))
    return statistics.median(speeds), sum(p.numel() for p in model.parameters())


def our_speed(cli, root, name, steps, batch, context, folder):
    config = json.loads((root / "training" / f"{name}.json").read_text())
    words = ["once", "upon", "a", "time", "there", "was", "little", "girl", "who", "loved", "to", "play", "with", "her", "dog"]
    text = folder / "text.txt"
    if not text.exists():
        state, lines = 1, []
        for _ in range(120000):
            state = (state * 1103515245 + 12345) % 2**31
            lines.append(words[state // 65536 % len(words)])
        documents = [" ".join(lines[i:i + 1200]) for i in range(0, len(lines), 1200)]
        text.write_text("<|endoftext|>".join(documents))
    config["tokenizer"] = str(root / "resources/tokenizers/layerwalk-4k.json")
    config["data"] = {"texts": [{"path": "text.txt", "separator": "<|endoftext|>"}], "validation_fraction": 0.02}
    config.update(steps=steps, batch=batch, context=context, report_every=1, validate_every=10**6, checkpoint_every=10**6)
    config["optimizer"]["warmup"] = 1
    path = folder / f"{name}.json"
    path.write_text(json.dumps(config))
    run = subprocess.run([cli, "train", path, "--data", folder, "--out", folder / name, "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(run.stderr)
    speeds = [line["tokens_per_second"] for line in map(json.loads, run.stdout.splitlines()) if "tokens_per_second" in line]
    record = json.loads((folder / name / "training.json").read_text())
    return statistics.median(speeds[2:]), record["parameters"]


parser = argparse.ArgumentParser()
parser.add_argument("--cli", default="build/release/bin/layerwalk-cli")
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--context", type=int, default=256)
arguments = parser.parse_args()
root = pathlib.Path(__file__).resolve().parents[2]
torch.manual_seed(1)
lstm = json.loads((root / "training/lstm.json").read_text())["model"]
print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; {arguments.batch} sequences of {arguments.context} a step, "
      f"medians of {arguments.steps} steps")
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for kind, model in (("transformer", Decoder(arguments.context)), ("lstm", Lstm(lstm["hidden_size"], lstm["num_hidden_layers"]))):
        theirs, their_parameters = pytorch_speed(model, arguments.steps, arguments.batch, arguments.context)
        ours, our_parameters = our_speed(arguments.cli, root, kind, arguments.steps, arguments.batch, arguments.context, folder)
        print(f"{kind:12} ours {ours:8.0f} tokens/s ({our_parameters:,} parameters)   PyTorch {theirs:8.0f} ({their_parameters:,})   "
              f"ratio {ours / theirs:.2f}")
    mamba, parameters = our_speed(arguments.cli, root, "mamba", arguments.steps, arguments.batch, arguments.context, folder)
    print(f"{'mamba':12} ours {mamba:8.0f} tokens/s ({parameters:,} parameters)")
