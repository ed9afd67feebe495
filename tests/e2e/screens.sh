#!/bin/bash
# What a person sees on a terminal, at 80 and at 160 columns, in colour and without.
#   screens.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
need tmux
cp -r "$source_dir/examples/hello" "$source_dir/examples/shopify-promoter" "$scratch" || exit 1
bare "$moot" keys --make >/dev/null || exit 1

# The prompt and what was typed, taken away.
talk() {
    sed -e '/^\$ /,/^[^$]*$/{/^\$ /d}' -e '/^\$/d' -e '/^export\|^cd /d' | masked
}

for columns in 80 160; do
    for colour in yes no; do
        more=""
        name=$columns
        [ $colour = no ] && more="NO_COLOR=1" && name=$columns-plain
        screen_open $columns 40 $more
        screen_type "cd $scratch/hello; clear; $moot run hello.yaml question='Why do socks vanish?'; echo end"
        screen_until '^end$' || fault "hello did not end at $columns columns"
        options=()
        [ $colour = yes ] && options=(-e)
        screen_text "${options[@]}" | sed -n '/hello.* · run /,/^end/p' | grep -v '^end' | masked |
            golden "screens/hello-$name.txt"
    done
    screen_open $columns 50
    screen_type "cd $scratch/shopify-promoter; clear; $moot run quality-loop.yaml storefronts/*.html; echo end"
    screen_until '^end$' || fault "the promoter did not end at $columns columns"
    screen_text | sed -n '/quality-loop · graph/,/verify$/p' | masked >"$scratch/promoter"
    # Turns stand whole and in the order they ended, which differs from run to run where they end at
    # once: compared as a set of lines.
    grep -qF 'rejected once and mended' "$scratch/promoter" || fault "the promoter's summary"
    sort "$scratch/promoter" | golden "screens/promoter-sorted-$columns.txt"
    # A finished bar leaves nothing behind.
    grep -nE '▰|▱| …$' "$scratch/promoter" | grep -v 'thinking, not kept' && fault "the bar left something behind"
done

# While it runs: the bar at the bottom, and at another size after the window changed.
screen_open 100 30
screen_type "cd $scratch/shopify-promoter; clear; MOOT_PACE= $moot run quality-loop.yaml storefronts/*.html; echo end"
screen_until '^▱+ 0/5 done · ' || fault "there is no bar"
tmux -L "$tmux_name" resize-window -x 70 -y 30
sleep 1
tmux -L "$tmux_name" capture-pane -p >"$scratch/pane"
expect "one bar after the window became narrower" 1 "$(grep -c '^[▰▱]' "$scratch/pane")"
tmux -L "$tmux_name" resize-window -x 120 -y 30
sleep 1
tmux -L "$tmux_name" capture-pane -p >"$scratch/pane"
expect "one bar after it became wider" 1 "$(grep -c '^[▰▱]' "$scratch/pane")"
tmux -L "$tmux_name" send-keys C-c
screen_until 'nothing is lost' || fault "ctrl-C says nothing"
screen_until '^end$' || fault "ctrl-C did not give the prompt back"
screen_text | grep -E '^[▰▱]' && fault "the bar outlived its run"

# A dumb terminal gets plain lines.
screen_open 80 30 TERM=dumb
screen_type "cd $scratch/hello; clear; $moot run hello.yaml question=socks; echo end"
screen_until '^end$' || fault "hello did not end on a dumb terminal"
screen_text | grep -qE '^[0-9:]{8} answer assistant: They do not vanish' || fault "no plain lines on a dumb terminal"
finish
