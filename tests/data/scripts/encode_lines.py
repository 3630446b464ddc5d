#!/usr/bin/env python3
"""encode_lines.py TOKENIZER.json LINES: prints the ids of every line of LINES, as the `tokenizers` library gives them. Exit status 77 without it."""
import sys

try:
    from tokenizers import Tokenizer
except ImportError:
    sys.exit(77)

tokenizer = Tokenizer.from_file(sys.argv[1])
with open(sys.argv[2], encoding="utf-8", newline="") as lines:
    for line in lines.read().split("\n"):
        ids = tokenizer.encode(line).ids
        assert tokenizer.decode(ids, skip_special_tokens=False) == line, line
        print(*ids)
