#!/usr/bin/env python3
"""Writes word vectors of a text file (a word and its numbers a line) in word2vec's binary form, for resources/vectors.

  pack_vectors.py glove_twitter_25d_12k.txt glove-twitter-25d.bin
"""
import struct
import sys


def main(source, target):
    rows = []
    with open(source, encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.rstrip("\n").split(" ")
            rows.append((word, [float(n) for n in numbers]))
    width = len(rows[0][1])
    assert all(len(numbers) == width for _, numbers in rows)
    with open(target, "wb") as file:
        file.write(f"{len(rows)} {width}\n".encode())
        for word, numbers in rows:
            file.write(word.encode() + b" " + struct.pack(f"<{width}f", *numbers) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
