#!/bin/bash
# What the program says when something is wrong: each file of tests/data/errors has a title, commands
# and what was said. docs/errors.md is made of them and must be up to date.
#   errors.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"

prepare() { # a folder of its own for each case
    rm -rf "$scratch/home" "$scratch/case"
    mkdir -p "$scratch/home" "$scratch/case"
    cd "$scratch/case" || exit 1
    bare "$moot" keys --make >/dev/null
    cp "$source_dir/examples/hello/"*.yaml .
    cat >wrong.yaml <<'YAML'
crew: wrong
models: {default: scripted/replies.yaml}
process: graph
agents:
  writer: {role: Writer, max_iter: 3}
tasks:
  summary: {agent: writer, prompt: "{question}", output: {points: [text]}}
  email:
    agent: writer
    needs: [summary, concpet]
    prompt: "Write about {summary.poinst}"
    atempts: 3
YAML
    printf 'crew: no-model\ntasks:\n  answer: {prompt: "{question}"}\n' >no-model.yaml
    printf 'crew: [unfinished\ntasks: {\n' >not-yaml.yaml
    printf -- '- {error: {status: 401, message: "incorrect API key"}}\n' >refused-replies.yaml
    sed 's/replies.yaml/refused-replies.yaml/' hello.yaml >refused.yaml
    printf -- '- {task: other, reply: "no"}\n' >empty-replies.yaml
    sed 's/replies.yaml/empty-replies.yaml/' hello.yaml >empty-script.yaml
    local rest='models: {default: scripted/replies.yaml}\ntasks:\n'
    printf "crew: page\ninput: page\n$rest"'  read: {prompt: "{page.text}"}\n' >page.yaml
    printf "crew: writes\n$rest"'  answer: {prompt: "{question}", output_file: out/answer.txt}\n' >writes.yaml
    printf "crew: two\n$rest"'  first: {prompt: "{question}"}\n  second: {prompt: "{first}"}\n' >two.yaml
}

play() { # the commands of standard input, with what they say
    local line code
    while IFS= read -r line; do
        case $line in
        '# '*) echo "$line" ;;
        '$ change a word')
            echo "$line"
            bare "$moot" show --json | sed '0,/socks/s//clocks/' >changed.jsonl
            ;;
        '$ '*)
            echo "$line"
            (eval "bare ${line#"$ "}") >said 2>&1 </dev/null
            code=$?
            masked <said
            [ $code -eq 0 ] || echo "exit $code"
            ;;
        esac
    done
}
bare_more=(PATH="$scratch/bin:/usr/bin:/bin")
mkdir -p "$scratch/bin"
ln -s "$moot" "$scratch/bin/moot"

for file in "$source_dir"/tests/data/errors/*.txt; do
    prepare
    cp "$file" "$scratch/input"
    play <"$scratch/input" >"$scratch/played"
    # Four lines at most for an error, the mistakes of a crew file apart.
    awk '/^error: /{n=0; on=1} /^(\$|exit)/{on=0} on{n++; if (n > 4) bad=1} END{exit bad}' "$scratch/played" ||
        [[ $file == */crew-* ]] || fault "$(basename "$file"): an error of more than four lines"
    golden "errors/$(basename "$file")" <"$scratch/played"
done

bash "$source_dir/tests/lib/errors_md.sh" "$source_dir" >"$scratch/errors.md"
if [ "${UPDATE:-}" = 1 ]; then
    cp "$scratch/errors.md" "$source_dir/docs/errors.md"
else
    cmp -s "$scratch/errors.md" "$source_dir/docs/errors.md" ||
        fault "docs/errors.md is not up to date: bash tests/lib/errors_md.sh . >docs/errors.md"
fi
finish
