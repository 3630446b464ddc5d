"""Writes rwkv/golden.json: logits of RWKV-7 models from a second implementation in float64, straight from the paper's equations,
one token at a time. Usage: make_rwkv.py tiny-rwkv-7v0-834K-FP16.bin rwkv7-reverse.safetensors (RWKV-LM's own file, not the
converted one)."""
import json
import pathlib
import struct
import sys

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def norm(x, gain, bias, eps=1e-5):
    return (x - x.mean()) / np.sqrt(x.var() + eps) * gain + bias


def read_bin(path):
    data, at, weights = open(path, "rb").read(), 24, {}
    while at < len(data):
        dims, length, kind = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{dims}i", data, at + 12)[::-1]
        at += 12 + 4 * dims
        name, at = data[at:at + length].decode(), at + length
        count, dtype = int(np.prod(shape)), (np.float32, np.float16)[kind]
        weights[name] = np.frombuffer(data, dtype, count, at).reshape(shape).astype(np.float64)
        at += count * dtype().itemsize
    return weights


def read_safetensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {n: np.frombuffer(data, np.float32, int(np.prod(e["shape"])), 8 + size + e["data_offsets"][0]).reshape(e["shape"]).astype(float)
            for n, e in header.items() if n != "__metadata__"}


class Block:
    """One block: p gives its time mix's tensors by name, with both low-rank factors as [in, out]."""

    def __init__(self, p, heads, first, ln1, ln2, ffn, bias):
        self.p, self.heads, self.first, self.ln1, self.ln2, self.ffn, self.bias = p, heads, first, ln1, ln2, ffn, bias
        width = ln1[0].size
        self.n = width // heads
        self.S = np.zeros((heads, self.n, self.n))  # value x key, as the paper has it
        self.before, self.feed_before = np.zeros(width), np.zeros(width)

    def step(self, x, v_first):
        p, H, N = self.p, self.heads, self.n
        y = norm(x, *self.ln1)
        mixed = {c: y + (self.before - y) * p["x_" + c] for c in "rwkvag"}
        self.before = y
        r, k, v = p["receptance"] @ mixed["r"], p["key"] @ mixed["k"], p["value"] @ mixed["v"]
        w = np.exp(-np.exp(-0.5) * sigmoid(p["w0"] + np.tanh(mixed["w"] @ p["w1"]) @ p["w2"]))
        if self.first:
            v_first = v
        else:
            v = v + (v_first - v) * sigmoid(p["v0"] + mixed["v"] @ p["v1"] @ p["v2"])
        a = sigmoid(p["a0"] + mixed["a"] @ p["a1"] @ p["a2"])
        g = sigmoid(mixed["g"] @ p["g1"]) @ p["g2"]
        kk = (k * p["k_k"]).reshape(H, N)
        kk /= np.maximum(np.linalg.norm(kk, axis=1, keepdims=True), 1e-12)
        k = k * (1 + (a - 1) * p["k_a"])
        r, k, v, w, a = (z.reshape(H, N) for z in (r, k, v, w, a))
        out = np.zeros((H, N))
        for h in range(H):
            self.S[h] = self.S[h] @ (np.diag(w[h]) - np.outer(kk[h], a[h] * kk[h])) + np.outer(v[h], k[h])
            o = self.S[h] @ r[h]
            out[h] = (o - o.mean()) / np.sqrt(o.var() + 64e-5)
        out = out.reshape(-1) * p["ln_x.weight"] + p["ln_x.bias"]
        out = out + ((r * k * p["r_k"]).sum(1, keepdims=True) * v).reshape(-1)
        x = x + p["output"] @ (out * g) + self.bias
        y = norm(x, *self.ln2)
        z = y + (self.feed_before - y) * self.ffn[0]
        self.feed_before = y
        return x + self.ffn[2] @ np.maximum(self.ffn[1] @ z, 0) ** 2, v_first.reshape(-1)


def logits(blocks, table, ids, ln_out, head, head_bias):
    rows = []
    for i in ids:
        x, v_first = table[i], None
        for block in blocks:
            x, v_first = block.step(x, v_first)
        rows.append(head @ norm(x, *ln_out) + head_bias)
    return np.array(rows)


def tiny(path):
    W = read_bin(path)
    blocks = []
    for i in range(12):
        a = {n.split("att.")[1].removesuffix(".weight") if "ln_x" not in n else n.split("att.")[1]: w for n, w in W.items()
             if n.startswith(f"blocks.{i}.att.")}
        for j, c in enumerate("rwkvag"):
            a["x_" + c] = a["x_rwkvag"][j, 0]
        for n in list(a):
            if len(n) == 2 and n[1] in "12":
                a[n] = a[n].T
            elif a[n].ndim == 3 and n != "x_rwkvag":
                a[n] = a[n].reshape(-1)
        b = f"blocks.{i}."
        pair = lambda n: (W[b + n + ".weight"], W[b + n + ".bias"])
        blocks.append(Block(a, 1, i == 0, pair("ln1"), pair("ln2"),
                            (W[b + "ffn.x_k"].reshape(-1), W[b + "ffn.key.weight"], W[b + "ffn.value.weight"]), 0))
    table = np.array([norm(row, W["blocks.0.ln0.weight"], W["blocks.0.ln0.bias"]) for row in W["emb.weight"]])
    return blocks, table, (W["ln_out.weight"], W["ln_out.bias"]), W["head.weight"], 0


def reverse(path):
    W = read_safetensors(path)
    blocks = []
    for i in "12":
        a = {n.split(".", 1)[1]: w for n, w in W.items() if n.startswith(f"rwkv{i}.")}
        a = {n if "ln_x" in n else n.removesuffix(".weight"): w.reshape(-1) if w.ndim == 3 else w for n, w in a.items()}
        pair = lambda n: (W[n + ".weight"], W[n + ".bias"])
        blocks.append(Block(a, 2, i == "1", pair(f"ln{i}a"), pair(f"ln{i}b"),
                            (W[f"ffn{i}.x_k"].reshape(-1), W[f"ffn{i}.key.weight"], W[f"ffn{i}.value.weight"]), W[f"rosa{i}.o.bias"]))
    return blocks, W["e.weight"], pair("lno"), W["o.weight"], W["o.bias"]


text = '"in the beginning'
blocks, table, ln_out, head, bias = tiny(sys.argv[1])
out = {"tiny": {"ids": list(text.encode()), "logits": logits(blocks, table, text.encode(), ln_out, head, bias)[[2, -1]].tolist()}}
blocks, table, ln_out, head, bias = reverse(sys.argv[2])
ids = ["0123456789,#".index(c) for c in "31415926535897932384,48323979853562951413#"]
out["reverse"] = {"ids": ids, "logits": logits(blocks, table, ids, ln_out, head, bias).tolist()}
# 60 digits each for 100 seeds of the Mersenne Twister (raw outputs modulo 10): where the model itself errs, [seed, digit, said].
wrong = []
for seed in range(100):
    digits = [int(x) % 10 for x in np.random.RandomState(seed).randint(0, 2**32, 60, dtype=np.uint32)]
    want = digits[::-1] + [11]
    said = logits(*reverse(sys.argv[2])[:2], digits + [10] + want[:-1], ln_out, head, bias)[60:].argmax(1)
    wrong += [[seed, i, int(said[i])] for i in range(61) if said[i] != want[i]]
out["reverse"]["wrong_of_100_seeds"] = wrong
path = pathlib.Path(__file__).parent.parent / "rwkv" / "golden.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(out) + "\n")
