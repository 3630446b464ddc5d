"""Converts llm-viz's gpt-nano-sort-model.json (minGPT's gpt-nano, sorting six letters) to a folder that Layerwalk opens.

Usage: python3 tools/convert_gpt_nano_sort.py gpt-nano-sort-model.json resources/models/gpt-nano-sort
Writes config.json, model.safetensors (float32) and a three-letter tokenizer.json. Needs only Python 3.
minGPT keeps linear matrices as [out, in]; Hugging Face's GPT-2 keeps them as [in, out], so they are turned here.
"""
import array
import base64
import json
import os
import struct
import sys

source, folder = sys.argv[1:3]
model = json.load(open(source))
config = model.pop("config")
os.makedirs(folder, exist_ok=True)

arrays = {}
for name, tensor in model.items():
    if name.endswith(".attn.bias"):  # the causal mask, not a parameter
        continue
    values = array.array("f")
    values.frombytes(base64.b64decode(tensor["data"]))
    shape = tensor["shape"]
    if name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
        rows, cols = shape
        values = array.array("f", (values[r * cols + c] for c in range(cols) for r in range(rows)))
        shape = [cols, rows]
    arrays[name] = (shape, values)

header, offset = {"__metadata__": {"format": "pt"}}, 0
for name, (shape, values) in sorted(arrays.items()):
    size = 4 * len(values)
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
    offset += size
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(folder, "model.safetensors"), "wb") as out:
    out.write(struct.pack("<Q", len(text)) + text)
    for name in sorted(arrays):
        out.write(arrays[name][1].tobytes())

json.dump({
    "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": config["vocab_size"], "n_positions": config["block_size"],
    "n_embd": config["n_embd"], "n_layer": config["n_layer"], "n_head": config["n_head"], "n_inner": None,
    "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "tie_word_embeddings": False,
    "attn_pdrop": config["attn_pdrop"], "embd_pdrop": config["embd_pdrop"], "resid_pdrop": config["resid_pdrop"],
}, open(os.path.join(folder, "config.json"), "w"), indent=2)

json.dump({
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None,
    "post_processor": None, "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
              "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": {"A": 0, "B": 1, "C": 2}, "merges": []},
}, open(os.path.join(folder, "tokenizer.json"), "w"), indent=1)
