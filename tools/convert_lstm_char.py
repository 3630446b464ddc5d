"""Converts one of ml5's character LSTMs (raw float32 files, manifest.json, vocab.json) to a folder that Layerwalk opens.

Usage: python3 tools/convert_lstm_char.py lstm-char/shakespeare resources/models/lstm-shakespeare
Writes config.json, model.safetensors (float32) and a tokenizer.json of single characters. Needs only Python 3.
TensorFlow's BasicLSTMCell keeps one kernel [input + hidden, 4 · hidden] with the gates i, j, f, o and adds 1 to the forget gate;
torch.nn keeps weight_ih and weight_hh [4 · hidden, in] with i, f, g (= j), o. In the Shakespeare vocabulary the key of two
spaces is really the letter u, and the empty key the letter U.
"""
import array
import json
import os
import struct
import sys

source, folder = sys.argv[1:3]
manifest = json.load(open(os.path.join(source, "manifest.json")))
vocabulary = json.load(open(os.path.join(source, "vocab.json")))
os.makedirs(folder, exist_ok=True)


def read(ending):
    name = next(n for n in manifest if n.endswith(ending))
    values = array.array("f")
    with open(os.path.join(source, manifest[name]["filename"]), "rb") as file:
        values.frombytes(file.read())
    return manifest[name]["shape"], values


def either(*endings):
    return next(read(e) for e in endings if any(n.endswith(e) for n in manifest))


arrays = {}
(rows, width), values = read("embedding")
arrays["embedding.weight"] = ([rows, width], values)
layers = sum("cell_" in n and ("bias" in n) for n in manifest)
order = (0, 2, 1, 3)  # i, f, g, o out of i, j, f, o
for layer in range(layers):
    cell = f"cell_{layer}/basic_lstm_cell/"
    (inputs, columns), kernel = either(cell + "kernel", cell + "weights")
    _, bias = either(cell + "bias", cell + "biases")
    hidden = columns // 4
    for name, first in (("ih", 0), ("hh", inputs - hidden)):
        count = inputs - hidden if name == "ih" else hidden
        turned = array.array("f", (kernel[(first + i) * columns + gate * hidden + unit]
                                   for gate in order for unit in range(hidden) for i in range(count)))
        arrays[f"rnn.weight_{name}_l{layer}"] = ([columns, count], turned)
    own = array.array("f", (bias[gate * hidden + unit] + (1.0 if gate == 2 else 0.0) for gate in order for unit in range(hidden)))
    arrays[f"rnn.bias_ih_l{layer}"] = ([columns], own)
    arrays[f"rnn.bias_hh_l{layer}"] = ([columns], array.array("f", [0.0] * columns))
(hidden, size), values = read("softmax_w")
arrays["lm_head.weight"] = ([size, hidden], array.array("f", (values[i * size + v] for v in range(size) for i in range(hidden))))
arrays["lm_head.bias"] = ([size], read("softmax_b")[1])

header, offset = {"__metadata__": {"format": "pt"}}, 0
for name, (shape, values) in sorted(arrays.items()):
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + 4 * len(values)]}
    offset += 4 * len(values)
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(folder, "model.safetensors"), "wb") as out:
    out.write(struct.pack("<Q", len(text)) + text)
    for name in sorted(arrays):
        out.write(arrays[name][1].tobytes())

json.dump({"model_type": "lstm", "architectures": ["LSTMForCausalLM"], "vocab_size": size, "hidden_size": hidden,
           "num_hidden_layers": layers, "tie_word_embeddings": False, "head_bias": True},
          open(os.path.join(folder, "config.json"), "w"), indent=2)

mended = {"  ": "u", "": "U"}
letters = {mended.get(key, key): id for key, id in vocabulary.items()}
entries = dict(sorted(letters.items(), key=lambda item: item[1]))
assert sorted(entries.values()) == list(range(size)) or "U" in vocabulary
json.dump({
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": None,
    "post_processor": None, "decoder": {"type": "Fuse"},
    "model": {"type": "BPE", "dropout": None, "unk_token": None,
              "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
              "ignore_merges": False, "vocab": entries, "merges": []},
}, open(os.path.join(folder, "tokenizer.json"), "w"), indent=1, ensure_ascii=False)
