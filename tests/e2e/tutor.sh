#!/bin/bash
# The maths tutor: the coder never sees the goal, the tests really run, and of four pairs two lie or fail.
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
need bwrap
need python3
need node
cp -r "$source_dir/examples/math-tutor" "$scratch/tutor" || exit 1
cd "$scratch/tutor" || exit 1

for file in crew.yaml experiment.yaml; do
    expect "check" "$file: no fault" "$(bare "$moot" check $file 2>&1)"
done
bare "$moot" run crew.yaml --trust >out 2>err
expect "exit" 0 $?
contains "the result" "A maths tutor for the terminal" out
contains "a failing test is seen" "4 passed, 1 failed" err
contains "and mended" "7 passed, 0 failed" err
(cd tutor && python3 ../check.py) || fault "the tutor does not work"

# What the coder is asked with, request by request, before the user speaks of it.
bare "$moot" show --json >journal.jsonl
cat >look.mjs <<'E2'
import { readFileSync } from "node:fs";
const goal = readFileSync("crew.yaml", "utf8").match(/goal: \|\n((?: {6}.*\n|\n)+)/)[1];
const lines = goal.split("\n").map((l) => l.trim()).filter((l) => l.length > 10);
let heard = "", calls = 0, faults = 0;
for (const line of readFileSync("journal.jsonl", "utf8").trim().split("\n")) {
  const m = JSON.parse(line);
  if (!m.statement) continue;
  const s = typeof m.statement === "string" ? JSON.parse(m.statement) : m.statement;
  const text = JSON.stringify(m.body ?? {});
  if (s.kind === "msg" && s.from === "user") heard += text;
  if (s.kind !== "model_call" || s.from !== "coder") continue;
  calls++;
  for (const l of lines) if (text.includes(l)) { console.log("the goal: " + l); faults++; }
  for (const word of ["subtraction", "negative"])
    if (!heard.includes(word) && text.includes(word)) { console.log("too early: " + word); faults++; }
}
if (lines.length < 4 || calls < 6) { console.log("nothing was looked at"); faults++; }
process.exit(faults ? 1 : 0);
E2
node look.mjs >out 2>&1 || fault "the coder knows too much: $(cat out)"

# Claimed against true.
bare "$moot" experiment experiment.yaml --trust --repeats 1 --json >out.json 2>err
expect "exit of the experiment" 0 $?
cat >table.mjs <<'E2'
import { readFileSync } from "node:fs";
for (const v of JSON.parse(readFileSync("out.json", "utf8")).variants) {
  const r = v.repeats[0];
  console.log(v.variant, r.claimed ? "claimed" : "-", r.true ? "true" : "-", r.stop, v.claimed_not_true);
}
E2
node table.mjs >out
cat >wanted <<'E2'
as_it_is claimed true finished 0
distracted - - limit 0
goodbye - true no_progress 0
boastful claimed - finished 1
E2
diff wanted out || fault "claimed against true"
bare "$moot" experiment experiment.yaml --resume >out 2>err || fault "the table again: $(cat err)"
contains "the false claim" "claimed, not true: 1" out
bare "$moot" experiment experiment.yaml --diff as_it_is/1 goodbye/1 >out 2>&1
contains "until they say goodbye" "finish: A maths tutor" out
[ "$(awk 'length > 100' out | wc -l)" -eq 0 ] || fault "wider than the screen"
finish
