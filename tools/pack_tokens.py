#!/usr/bin/env python3
"""Packs a vocabulary of bytes for resources/tokenizers (the format: core/text/packed_tokens.h).

  pack_tokens.py cl100k_base cl100k_base.tiktoken cl100k.tokens        tiktoken's ranks (also o200k_base)
  pack_tokens.py r50k_base encoder.json gpt2.tokens                    GPT-2's vocabulary, spelled in its alphabet of bytes
  pack_tokens.py rwkv_world rwkv_vocab_v20230424.txt rwkv-world.tokens RWKV's list
"""
import ast
import base64
import json
import sys


def byte_alphabet():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {**{chr(b): b for b in printable}, **{chr(256 + i): b for i, b in enumerate(others)}}


def read(name, path):
    if name == "r50k_base":
        letters = byte_alphabet()
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)
        return {i: bytes(letters[c] for c in text) for text, i in entries.items() if text != "<|endoftext|>"}
    if name == "rwkv_world":
        tokens = {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                token = ast.literal_eval(line[line.index(" "):line.rindex(" ")].strip())
                token = token.encode() if isinstance(token, str) else token
                assert len(token) == int(line[line.rindex(" "):])
                tokens[int(line[:line.index(" ")])] = token
        return tokens
    with open(path, "rb") as file:
        return {int(rank): base64.b64decode(token) for token, rank in (line.split() for line in file if line.strip())}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    name, source, target = sys.argv[1:]
    tokens = read(name, source)
    count = max(tokens) + 1
    with open(target, "wb") as out:
        out.write(f"layerwalk tokens 1 {name} {count}\n".encode())
        for i in range(count):
            token = tokens.get(i, b"")
            out.write(bytes([len(token)]) + token)  # a token of more than 255 bytes is an error here


main()
