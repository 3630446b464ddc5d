"""Converts RWKV-LM's model that reverses strings of digits (RWKV-v8/260123_reverse_L2_only_rwkv7) to a folder that Layerwalk opens.

Usage: python3 tools/convert_rwkv7_reverse.py rwkv7-reverse.safetensors resources/models/rwkv7-reverse
Writes config.json, model.safetensors (float32) and a tokenizer.json of single characters. Needs only Python 3.
Each block there has three parts: RWKV-7's time mix (read after the norm ln{i}a), a suffix matcher "rosa" beside it (ln{i}c), and
the feed-forward layer (ln{i}b). This model was trained with the matcher switched off: its table rosa_qkv.emb is zero, so all that
is left of it is the bias of its output, which is added to the stream. It becomes att.output.bias. Both factors of the
low-rank functions are turned, [D, rank] to [rank, D] and [rank, D] to [D, rank].
"""
import array
import json
import os
import struct
import sys

source, folder = sys.argv[1:3]
with open(source, "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    data = file.read()
header.pop("__metadata__", None)


def read(name):
    entry = header[name]
    values = array.array("f")
    values.frombytes(data[slice(*entry["data_offsets"])])
    return [n for n in entry["shape"]], values


def turned(name):
    (rows, cols), values = read(name)
    return [cols, rows], array.array("f", (values[r * cols + c] for c in range(cols) for r in range(rows)))


arrays = {"emb.weight": read("e.weight")}
for layer in (0, 1):
    old, block = str(layer + 1), f"blocks.{layer}."
    assert not any(read(f"rosa{old}.rosa_qkv.emb")[1]), "the matcher is not switched off"
    for part in ("weight", "bias"):
        arrays[block + "ln1." + part] = read(f"ln{old}a.{part}")
        arrays[block + "ln2." + part] = read(f"ln{old}b.{part}")
    for name in header:
        if name.startswith(f"rwkv{old}."):
            rest = name.split(".", 1)[1]
            if layer == 0 and rest in ("v0", "v1", "v2"):
                continue  # the first layer has nobody's values to mix with
            shape, values = turned(name) if len(rest) == 2 and rest[1] in "12" else read(name)
            if shape[:2] == [1, 1]:
                shape = shape[2:]
            arrays[block + "att." + rest] = (shape, values)
        if name.startswith(f"ffn{old}."):
            shape, values = read(name)
            arrays[block + "ffn." + name.split(".", 1)[1]] = ([n for n in shape if n > 1], values)
    arrays[block + "att.output.bias"] = read(f"rosa{old}.o.bias")
for part in ("weight", "bias"):
    arrays["ln_out." + part] = read("lno." + part)
    arrays["head." + part] = read("o." + part)
os.makedirs(folder, exist_ok=True)
entries, offset = {"__metadata__": {"format": "pt"}}, 0
for name, (shape, values) in arrays.items():
    size = 4 * len(values)
    entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
    offset += size
text = json.dumps(entries, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(folder, "model.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for _, values in arrays.values():
        file.write(values.tobytes())
alphabet = "0123456789,#"
config = {
    "model_type": "rwkv7", "vocab_size": len(alphabet), "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 128,
    "head_size": 16, "layer_norm_epsilon": 1e-5, "group_norm_epsilon": 64e-5, "eos_token_id": alphabet.index("#"),
}
tokenizer = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None,
    "post_processor": None, "decoder": {"type": "Fuse"},
    "model": {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": {c: i for i, c in enumerate(alphabet)}, "merges": [],
    },
}
for name, content in (("config.json", config), ("tokenizer.json", tokenizer)):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.write("\n")
