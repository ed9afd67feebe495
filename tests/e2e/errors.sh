#!/bin/bash
# What the program says when something is wrong: each file of tests/data/errors has a title, commands
# and what was said. docs/errors.md is made of them and must be up to date.
#   errors.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"

# Lines that begin with @ say what it is like here, and are not shown:
#   @ openai OPTION...   an OpenAI at a double with these options (tests/lib/openai_double.mjs)
#   @ ollama OPTION...   an Ollama at one; `@ ollama off`: nobody is there
#   @ no network         an OpenAI under a name that nobody has
#   @ read-only          nothing can be written into the folder
surroundings() { # WORD...
    case "$*" in
    'ollama off') bare_more+=(OLLAMA_HOST=127.0.0.1:1) ;;
    'no network') bare_more+=(OPENAI_BASE_URL=http://api.openai.invalid/v1 OPENAI_API_KEY="$key") ;;
    read-only)
        chmod 555 .
        # The superuser may write everywhere, unless that is taken away.
        [ "$(id -u)" != 0 ] || bare_more+=(setpriv --inh-caps=-all --bounding-set=-all)
        ;;
    'openai '*)
        double_open "${@:2}"
        bare_more+=(OPENAI_BASE_URL="http://127.0.0.1:$double_port/v1" OPENAI_API_KEY="$key")
        ;;
    'ollama '*)
        double_open "${@:2}"
        bare_more+=(OLLAMA_HOST="127.0.0.1:$double_port")
        ;;
    *) fault "what is '@ $*'?" ;;
    esac
}

prepare() { # a folder of its own for each case
    double_close
    bare_more=(PATH="$scratch/bin:/usr/bin:/bin")
    chmod -f 755 "$scratch/case"
    rm -rf "$scratch/home" "$scratch/case"
    mkdir -p "$scratch/home" "$scratch/case"
    cd "$scratch/case" || exit 1
    bare "$moot" keys --make >/dev/null
    cp "$source_dir/examples/hello/"*.yaml .
    cp -r "$source_dir/tests/data/talks" . # conversations, each with one trouble
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
    printf "crew: mail\n$rest"'  write: {prompt: "{question}"}
  send:
    tool: send_email
    args: {to: lin@example.com, subject: Socks, body: "{write}"}
    approval: always
tools:
  send_email: {deliver: "outbox:out"}
' >mail.yaml
    printf "crew: two\n$rest"'  first: {prompt: "{question}"}\n  second: {prompt: "{first}"}\n' >two.yaml
}

play() { # the commands of standard input, with what they say
    local line code
    while IFS= read -r line; do
        case $line in
        '# '*) echo "$line" ;;
        '@ '*)
            echo "$line"
            # shellcheck disable=SC2086
            surroundings ${line#"@ "}
            ;;
        '$ write it with a newer moot')
            echo "$line"
            # the version stands at byte 60 of the file
            printf '\0\0\0\143' | dd of="$(echo .moot/runs/*.db)" conv=notrunc bs=1 seek=60 2>/dev/null
            ;;
        '$ change a word')
            echo "$line"
            bare "$moot" show --json | sed '0,/socks/s//clocks/' >changed.jsonl
            ;;
        '$ '*)
            echo "$line"
            (eval "bare ${line#"$ "}") >said 2>&1 </dev/null
            code=$?
            # what a resolver says differs with there being one
            masked <said | sed 's/invalid: temporary failure$/invalid: unknown node or service/'
            [ $code -eq 0 ] || echo "exit $code"
            ;;
        esac
    done
}
need node
key=sk-test-0123456789-4f2a
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

# What the page on troubles quotes is what was said.
cat "$source_dir"/tests/data/errors/*.txt >"$scratch/said-all"
awk '/^```/{plain = !block && $0 == "```"; block = !block; next} plain && NF' \
    "$source_dir/docs/troubleshooting.md" >"$scratch/quoted"
[ -s "$scratch/quoted" ] || fault "docs/troubleshooting.md quotes nothing"
while IFS= read -r line; do
    grep -qF -- "$line" "$scratch/said-all" ||
        fault "docs/troubleshooting.md quotes what no case of tests/data/errors says: $line"
done <"$scratch/quoted"

bash "$source_dir/tests/lib/errors_md.sh" "$source_dir" >"$scratch/errors.md"
if [ "${UPDATE:-}" = 1 ]; then
    cp "$scratch/errors.md" "$source_dir/docs/errors.md"
else
    cmp -s "$scratch/errors.md" "$source_dir/docs/errors.md" ||
        fault "docs/errors.md is not up to date: bash tests/lib/errors_md.sh . >docs/errors.md"
fi
finish
