#!/bin/bash
# The promoter's graph over real storefronts, sixteen at once, against a double on the loopback: every page
# is read, every shop gets its mail, and none goes to an address that stands on a page.
#   real_pages.sh MOOT SOURCE
. "$(dirname "$0")/../lib/e2e.bash"
need node
need python3
shared=${MOOT_SHARED:-$source_dir/../shared}
pages=$shared/data/storefronts/html
if [ ! -d "$pages" ]; then
    echo "skipped: no pages in $pages"
    exit 77
fi
cp -r "$source_dir/examples/shopify-promoter" "$scratch/promoter"
cd "$scratch/promoter" || exit 1
# A registry of invented addresses: nobody real is ever written to.
python3 - "$pages" <<'P'
import json, os, sys, uuid
rows = [dict(file=f, store_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f)), shop=f, owner='Whoever owns it',
             email='shop%d@pages.example' % i) for i, f in enumerate(sorted(os.listdir(sys.argv[1])))]
json.dump(rows, open('stores.json', 'w'))
P
node "$source_dir/tests/lib/openai_double.mjs" --log "$scratch/requests.jsonl" --delay 20 >"$scratch/double.out" &
double=$!
for _ in $(seq 200); do
    port=$(head -1 "$scratch/double.out")
    [ -n "$port" ] && break
    sleep 0.05
done
bare_more=(OPENAI_BASE_URL="http://127.0.0.1:$port/v1" OPENAI_API_KEY=test-key)
bare "$moot" run graph.yaml "$pages"/*.html --jobs 16 --model openai/double --trust >"$scratch/out" 2>"$scratch/err"
expect "exit of the run" 0 $?
kill $double
bare "$moot" show --json >"$scratch/export.jsonl" 2>/dev/null || fault "show --json"
bare "$moot" verify >"$scratch/verify" 2>&1 || fault "verify: $(cat "$scratch/verify")"
mkdir "$scratch/texts"
python3 - "$scratch" "$pages" <<'P' || fault "what the journal says"
import json, os, re, sys
scratch, pages = sys.argv[1:3]
rows = {r['file']: r for r in json.load(open('stores.json'))}
by_item, sent, texts, models = {}, {}, {}, 0
for line in open(scratch + '/export.jsonl'):
    row = json.loads(line)
    if 'statement' not in row:
        continue
    s, b = row['statement'], row.get('body')
    if s['kind'] == 'end' and s['conv'].isdigit():
        by_item[s['item']] = b['outcome']
    if s['kind'] == 'tool_call':
        sent.setdefault(s['item'], []).append(json.loads(b['args'])['to'])
    if s['kind'] == 'open' and re.fullmatch(r'\d+/summary#1', s['conv']):
        texts[s['item']] = json.loads(b['input'])['storefront']['text']
    models += s['kind'] == 'model_reply' and b.get('status') == 'ok'
assert len(by_item) == len(rows), (len(by_item), len(rows))
assert set(by_item.values()) == {'done'}, by_item
names = {os.path.splitext(f)[0]: r for f, r in rows.items()}
for item, row in names.items():
    assert sent.get(item) == [row['email']], (item, sent.get(item))
    open('%s/texts/%s.txt' % (scratch, item), 'w').write(texts[item])
assert models == 6 * len(rows), models
print('%d real pages, %d replies' % (len(rows), models))
P
# Each page's text holds what a reader sees and nothing of what a browser hides.
judge=$shared/tools/promoter_judge.py
if [ -f "$judge" ]; then
    python3 "$judge" --extract "$shared/data/storefronts/expected" "$scratch/texts" >"$scratch/extracted" ||
        fault "extraction: $(cat "$scratch/extracted")"
fi
# A request a reply, and the page's text in it once, for the model that is to summarise it.
python3 - "$scratch" <<'P' || fault "what was requested"
import json, sys
bodies = [json.dumps(json.loads(line)['body']) for line in open(sys.argv[1] + '/requests.jsonl')]
bodies = [b for b in bodies if 'messages' in b]
assert len(bodies) == 6 * 26, len(bodies)
assert sum('Read this storefront' in b for b in bodies) == 26
P
finish
