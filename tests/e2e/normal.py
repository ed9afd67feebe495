#!/usr/bin/env python3
"""The normal form of an exported run: what must be the same in every repetition of it. Conversations one
after another by path; ids replaced by names; without run, seq, link, ts, at, kid, sig, salts, anchors, keys and
retry notes.

  normal.py EXPORT.jsonl"""
import hashlib
import json
import re
import sys

messages, names = [], {}
for line in open(sys.argv[1], encoding='utf-8'):
    row = json.loads(line)
    if 'statement' not in row:
        continue
    s = row['statement']
    statement = json.dumps(s, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
    names[hashlib.blake2b(statement, digest_size=32).hexdigest()] = '%s:%s:%s' % (s['conv'], s['from'], s['n'])
    messages.append((s, row.get('body')))


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in ('at', 'keys', 'approvers', 'owner')}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, str) and re.fullmatch('[0-9a-f]{64}', value):
        if value not in names:
            return value
        return names[value]
    return value


def order(path):
    return [int(x) if x.isdigit() else x for x in re.split(r'(\d+)', path)]


for s, body in sorted((m for m in messages if m[0]['kind'] not in ('key', 'genesis', 'error')),
                      key=lambda m: [str(type(x)) + str(x).zfill(6) for x in order(m[0]['conv'])]):
    keep = {k: plain(v) for k, v in s.items() if k in ('kind', 'conv', 'from', 'n', 'to', 'item', 'task', 're', 'prov')}
    print(json.dumps([keep, plain(body)], sort_keys=True, ensure_ascii=False))
