"""Writes ngram/golden.json: interpolated Kneser-Ney probabilities from a second implementation, straight from the definition
(dictionaries of tuples, no tables, no sorting). Sequences of random ids with structure; 3 discounts and 1; with and without
leaving rare runs out."""
import json
import pathlib
from collections import Counter, defaultdict

import numpy as np

START = -1


def train(sequences, vocabulary, order, least, three):
    """Per order k: counts of runs, totals of contexts, discounts, and the runs that stay."""
    raw = Counter()                                  # of the longest runs
    before = [defaultdict(set) for _ in range(order + 1)]
    prefixes = [set() for _ in range(order + 1)]     # all runs, also those that nobody predicts
    for ids, targets in sequences:
        text = list(ids) + [targets[-1]]
        for end in range(len(text)):
            counted = end > 0 and targets[end - 1] >= 0
            for k in range(1, order + 1):
                if end + 1 < k:
                    continue
                run = tuple(text[end + 1 - k:end + 1])
                prefixes[k].add(run)
                if not counted:
                    continue
                if k == order:
                    raw[run] += 1
                else:
                    before[k][run].add(text[end - k] if end >= k else START)
    counts = [None] + [{run: len(s) for run, s in before[k].items()} for k in range(1, order)] + [dict(raw)]
    discounts = [None]
    for k in range(1, order + 1):
        n = [0] + [sum(c == i for c in counts[k].values()) for i in range(1, 5)]
        if n[1] == 0:
            discounts.append([0.5] * 3)
            continue
        y = n[1] / (n[1] + 2 * n[2])
        one = [y if n[2] else 0.5] * 3
        if not three or n[2] == 0 or n[3] == 0:
            discounts.append(one)
            continue
        d = [i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3)]
        discounts.append(d if min(d) > 0 else one)
    stays = [set() for _ in range(order + 1)]
    for k in range(order, 0, -1):
        limit = least[k - 2] if 2 <= k and k - 2 < len(least) else 1
        stays[k] = {run for run in counts[k] if counts[k][run] >= limit} if k > 1 else set(counts[1])
        if k < order:
            stays[k] |= {run[:-1] for run in stays[k + 1]}
    return counts, discounts, stays


def probability(model, vocabulary, order, context, word):
    counts, discounts, stays = model

    def share(k, run, total):
        c = counts[k].get(run, 0)
        if c == 0 or run not in stays[k]:
            return 0.0
        return (c - discounts[k][min(c, 3) - 1]) / total

    def p(k, context):
        if k == 0:
            return 1 / vocabulary
        followers = {w: counts[k].get(context + (w,), 0) for w in range(vocabulary)}
        total = sum(followers.values())
        known = total > 0 and (k == 1 or len(context) == 0 or context in stays[k - 1] or k == 2)
        if not known:
            return p(k - 1, context[1:])
        passed = 1 - sum(share(k, context + (w,), total) for w in range(vocabulary))
        return share(k, context + (word,), total) + passed * p(k - 1, context[1:])

    k = min(order, len(context) + 1)
    return p(k, tuple(context[len(context) - k + 1:]))


random = np.random.default_rng(5)
V = 12
step = random.dirichlet(np.full(V, 0.25), size=(V, V))
sequences = []
for _ in range(40):
    text = [int(random.integers(V)), int(random.integers(V))]
    while len(text) < 24:
        text.append(int(random.choice(V, p=step[text[-2], text[-1]])))
    sequences.append((text[:-1], text[1:]))
sequences[3] = (sequences[3][0], [-1 if i % 3 == 0 else t for i, t in enumerate(sequences[3][1])])

text = [int(t) for t in random.integers(V, size=30)] + sequences[7][0]
cases = []
for order, least, three in [(1, [], True), (2, [], True), (3, [], False), (4, [], True), (4, [1, 2, 3], True)]:
    model = train(sequences, V, order, least, three)
    logp = [[float(np.log(probability(model, V, order, tuple(text[max(0, t + 2 - order):t + 1]), w))) for w in range(V)]
            for t in range(len(text))]
    cases.append(dict(order=order, least=least, three=three, discounts=model[1][1:], log_probabilities=logp))
path = pathlib.Path(__file__).parent.parent / "ngram" / "golden.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(dict(vocabulary=V, sequences=[dict(ids=a, targets=b) for a, b in sequences], text=text, cases=cases)) + "\n")
print(path, path.stat().st_size, [np.abs(np.exp(np.array(c["log_probabilities"])).sum(1) - 1).max() for c in cases])
