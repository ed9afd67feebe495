#!/bin/bash
# Conversations as people see them: live at 80 and 160 columns, without inks, in plain lines, and afterwards what
# each member saw of it.
source "$(dirname "$0")/../lib/e2e.bash"
need tmux
cp -r "$source_dir/tests/data/conversations/." "$scratch" || exit 1
mkdir -p "$scratch/tutor"
cd "$scratch" || exit 1
bare "$moot" keys --make >/dev/null || exit 1

for crew in tutor desk; do
    input=
    [ $crew = desk ] && input="question='Why do socks vanish?'"
    for columns in 80 160; do
        more=
        [ $columns = 160 ] && more=NO_COLOR=1
        screen_open $columns 60 $more
        screen_type "cd $scratch; clear; $moot run $crew.yaml --trust $input; echo end"
        screen_until '^end$' || fault "$crew did not end at $columns columns"
        options=()
        [ $columns = 80 ] && options=(-e)
        screen_text "${options[@]}" | sed -n '/ · run /,/^end$/p' | grep -v '^end$' | masked |
            golden "conversations/$crew-$columns.txt"
    done
    eval bare "\"\$moot\"" run $crew.yaml --trust $input >result 2>plain
    masked <plain | golden "conversations/$crew-plain.txt"
done

# What the critic was sent, and what it was not shown: the researcher's file.
bare "$moot" show --agent critic >critic
masked <critic | golden "conversations/critic.txt"
contains "what the critic was not shown" "1 result of others' tools" critic
bare "$moot" show --agent critic --json >critic.jsonl
expect "requests of the critic that are exactly what was sent" 2 "$(grep -c '"exact":true' critic.jsonl)"
bare "$moot" show --html -o page.html
contains "the page" '<article class="s' page.html
contains "the page's end" 'moot verify run.jsonl' page.html
finish
