#!/usr/bin/env python3
"""Puts a finished training among the bundled models.

Usage: python3 tools/bundle_trained.py OUT/NAME ...
Copies config.json, model.safetensors, training.json and the kept stages (step-*) to resources/models/layerwalk-NAME. A tokenizer that
is one of resources/tokenizers is linked to, another is copied. Writes the numbers of the record into the model's row in core/bundled.cpp
and into the table of README.md, or says where it has none yet; prints both. Refuses a training that is not complete. Needs only Python 3.
"""
import filecmp
import json
import pathlib
import re
import shutil
import sys

root = pathlib.Path(__file__).resolve().parent.parent
shared = sorted((root / "resources/tokenizers").glob("*.json"))


def copy(source, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors", "training.json"):
        if (source / name).exists():
            shutil.copyfile(source / name, folder / name)
    to = folder / "tokenizer.json"
    to.unlink(missing_ok=True)
    same = [path for path in shared if filecmp.cmp(path, source / "tokenizer.json", shallow=False)]
    if same:
        to.symlink_to(pathlib.Path("../../tokenizers") / same[0].name)
    else:
        shutil.copyfile(source / "tokenizer.json", to)


def renew(path, pattern, text):
    """Replaces what matches the pattern in the file by the text, or says that there is no such row yet."""
    whole = path.read_text(encoding="utf-8")
    renewed, rows = re.subn(pattern, lambda _: text, whole, count=1, flags=re.MULTILINE)
    if rows:
        path.write_text(renewed, encoding="utf-8")
    else:
        print(f"{path}: no row of this model yet; to be put in:")


for name in sys.argv[1:]:
    source = pathlib.Path(name)
    record = json.loads((source / "training.json").read_text(encoding="utf-8"))
    if not record["complete"]:
        sys.exit(f"{source}: the training is not complete.")
    folder = root / "resources/models" / ("layerwalk-" + source.name)
    copy(source, folder)
    for stage in sorted(source.glob("step-*")):
        copy(stage, folder / stage.name)
    loss, bits, right = record["validation_loss"], record.get("bits_per_byte", 0), record.get("accuracy", 0)
    command = f'"{record["command"]}"'
    row = (f'BundledTraining{{{record["parameters"]}, {loss:.4f}, {bits:.4f}, {right:.4f}, {record["tokens"]}, '
           f'{record["seconds"]:.0f},\n                     {command}}}')
    line = (f'| {folder.name} | {record["parameters"]:,} | {loss:.3f} | {f"{bits:.3f}" if bits else "–"} | '
            f'{f"{100 * right:.1f} %" if right else "–"} | {record["tokens"] / 1e6:.2f} | {record["seconds"]:.0f} | '
            f'`{record["command"].removeprefix("layerwalk-cli ")}` |')
    renew(root / "core/bundled.cpp", r"BundledTraining\{[^{}]*" + re.escape(command) + r"\}", row)
    renew(root / "README.md", r"^\| " + re.escape(folder.name) + r" \| [\d,]+ \|.*$", line)
    print(f"{row}\n{line}")
