#!/bin/bash
# Five vote on five ideas, then on a plan, and carry it out: as a user sees it, and as anybody can count it again.
source "$(dirname "$0")/../lib/e2e.bash"
cp -r "$source_dir/examples/plugin-jury" "$scratch/jury" || exit 1
cd "$scratch/jury" || exit 1
bare "$moot" keys --make >/dev/null || exit 1
bare "$moot" run jury.yaml --trust storefront="Socks, sold in threes." >result 2>plain ||
    fault "the jury did not come to an end: $(tail -3 plain)"
contains "the decision" "agreed: Darning Desk · borda 16/20, 5 of 5 votes; buyer was not for it: I never know" plain
contains "the result" "The Darning Desk is open" result
contains "what was published" "two euros a sock" launch.md
bare "$moot" show --json >run.jsonl
expect "decisions" 2 "$(grep -c '"kind":"decision"' run.jsonl)"
expect "ballots" 9 "$(grep -c '"kind":"ballot"' run.jsonl)"
contains "who was not for it" "I never know what I have at home." <(grep '"kind":"decision"' run.jsonl)
bare "$moot" verify >proof || fault "the run does not verify"
contains "the proof" "2 decisions, counted again from 9 ballots" proof
# No voter was sent a ballot.
expect "requests that hold a ballot" 0 "$(grep '"kind":"model_call"' run.jsonl | grep -c 'what I have at home')"
finish
