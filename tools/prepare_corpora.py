#!/usr/bin/env python3
"""Makes the text files that the bundled tokenizer and models are trained and judged on.

Usage: python3 tools/prepare_corpora.py CORPORA OUT
CORPORA holds: fairytales-train.txt, fairytales-val.txt, bryant-stories.txt, burgess-busterbrown.txt, carroll-alice.txt,
edgeworth-parents.txt (children's stories, public domain), tinystories-train-first2MiB.txt (the first 2 MiB of TinyStories),
zh-tang-quatrains.txt, zh-tang300.json, zh-sanzijing.json, zh-qianziwen.json (Tang poems and two primers, public domain).

Writes to OUT, documents separated by a line <|endoftext|>:
  english.txt      the stories but for the validation tales
  tinystories.txt  the whole stories in the first 90 % of the TinyStories file
  poems.txt        the poems and primers
  fairytales-validation.txt, tinystories-validation.txt  never trained on: the validation tales; the rest of the TinyStories file
  validation-tales.txt, validation-stories.txt  some short ones of each, 50 kB: what the bundled models are compared on
The same files give the same bytes. Needs only Python 3.
"""
import json
import os
import re
import sys

corpora, out = sys.argv[1:3]
END = "<|endoftext|>\n"


def read(name):
    with open(os.path.join(corpora, name), encoding="utf-8", newline="") as file:
        return file.read()


def write(name, documents):
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, name), "w", encoding="utf-8", newline="") as file:
        file.writelines(document.strip("\n") + "\n" + END for document in documents if document.strip())


def tales(name):
    """Each tale begins with a line "# title"."""
    return re.split(r"^(?=# )", read(name), flags=re.M)


def beginning(documents, size=50_000, longest=15_000):
    """The first documents of at most `longest` characters, so many that they have at most `size` together."""
    chosen = []
    for document in (d for d in documents if len(d) <= longest):
        size -= len(document)
        if size < 0:
            break
        chosen.append(document)
    return chosen


def poem(entry):
    author = f"{entry['author']}《{entry['title']}》" if "title" in entry else entry["author"]
    return "\n".join([author, *entry["paragraphs"]])


stories = ["bryant-stories.txt", "burgess-busterbrown.txt", "carroll-alice.txt", "edgeworth-parents.txt"]
write("english.txt", tales("fairytales-train.txt") + [read(name) for name in stories])
write("fairytales-validation.txt", tales("fairytales-val.txt"))
write("validation-tales.txt", beginning(tales("fairytales-val.txt")))

with open(os.path.join(corpora, "tinystories-train-first2MiB.txt"), "rb") as file:
    tiny = file.read()
cut = tiny.rfind(END.encode(), 0, len(tiny) * 9 // 10) + len(END)
write("tinystories.txt", tiny[:cut].decode("utf-8").split(END))
rest = tiny[cut:].decode("utf-8", "ignore").split(END)
write("tinystories-validation.txt", rest)
write("validation-stories.txt", beginning(rest))

primers = [poem(json.loads(read(name))) for name in ("zh-sanzijing.json", "zh-qianziwen.json")]
write("poems.txt", read("zh-tang-quatrains.txt").split("\n\n") + [poem(entry) for entry in json.loads(read("zh-tang300.json"))] + primers)
