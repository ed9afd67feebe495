#!/bin/bash
# What `moot show --agent` says was sent is what an endpoint really received, word for word.
source "$(dirname "$0")/../lib/e2e.bash"
need node
double=
stop() {
    [ -n "$double" ] && kill "$double" 2>/dev/null
    clean_up
}
trap stop EXIT
cd "$scratch" || exit 1
mkdir notes
echo "Socks \"vanish\" at 3/4 \\ of the time." >notes/a.txt
cat >crew.yaml <<'CREW'
crew: probe
agents:
  finder: {role: "Finder of \"names\"", tools: [read_file], workspace: ./notes}
  critic: {kind: judge, role: Critic}
tasks:
  name:
    agent: finder
    steps:
      - prompt: "Think about {thing} – loudly."
      - prompt: Now write it up.
    output: {name: "text 3..40 characters", why: text}
    check: critic
CREW
node "$source_dir/tests/lib/openai_double.mjs" --log "$scratch/log" --call >"$scratch/port" &
double=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
bare_more=(OPENAI_API_KEY=sk-test-0123456789 OPENAI_BASE_URL="http://127.0.0.1:$(cat port)/v1")
bare timeout 60 "$moot" run crew.yaml --trust --model openai/double "thing=a ship" >out 2>&1 </dev/null
bare_more=()
bare "$moot" show --agent finder --json >finder.jsonl 2>err || fault "show --agent finder: $(cat err)"
bare "$moot" show --agent critic --json >critic.jsonl 2>err || fault "show --agent critic: $(cat err)"
cat >compare.mjs <<'JS'
import { readFileSync } from 'node:fs';
const lines = f => readFileSync(f, 'utf8').trim().split('\n').map(l => JSON.parse(l));
const sent = lines('log').filter(l => l.method === 'POST').map(l => typeof l.body === 'string' ? JSON.parse(l.body) : l.body);
const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = v => Array.isArray(v) ? v.map(sorted) : v && typeof v === 'object'
    ? Object.fromEntries(Object.keys(v).sort().map(k => [k, sorted(v[k])])) : v;
// The neutral request in the dialect that was spoken.
const chat = c => ({
    messages: c.messages.map(m => ({ ...m, ...(m.tool_calls && { tool_calls: m.tool_calls.map(t =>
        ({ id: t.id, type: 'function', function: { name: t.name, arguments: t.arguments } })) }) })),
    tools: c.tools?.map(f => ({ type: 'function', function: f })),
    schema: c.schema,
});
const heard = b => ({
    messages: b.messages.map(m => { const n = { ...m }; if (n.content === null) delete n.content; return n; }),
    tools: b.tools?.map(t => ({ type: 'function', function: Object.fromEntries(
        ['name', 'description', 'parameters'].filter(k => k in t.function).map(k => [k, t.function[k]])) })),
    schema: b.response_format?.json_schema?.schema,
});
const shown = [...lines('finder.jsonl'), ...lines('critic.jsonl')];
if (shown.length !== sent.length) { console.log(`${shown.length} shown, ${sent.length} sent`); process.exit(1); }
if (!sent.some(b => b.messages.some(m => m.role === 'tool'))) { console.log('no tool was called'); process.exit(1); }
for (const c of shown) {
    if (!c.exact) { console.log('not exact:', JSON.stringify(c).slice(0, 400)); process.exit(1); }
    const at = sent.findIndex(b => same(chat(c), heard(b)));
    if (at < 0) {
        console.log('shown, but not sent:\n', JSON.stringify(sorted(chat(c))));
        for (const b of sent) console.log('sent:\n', JSON.stringify(sorted(heard(b))));
        process.exit(1);
    }
    sent.splice(at, 1);
}
JS
node compare.mjs >got 2>&1 || fault "what is shown and what was sent: $(head -c 6000 got; cat out)"
finish
