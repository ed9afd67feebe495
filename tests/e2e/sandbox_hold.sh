#!/bin/bash
# Code that an agent wrote tries to get out: every attempt is made by a run of a crew, and none may
# succeed. Those marked with + are first made without the fence, where they must.
#   sandbox_hold.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
for needed in bwrap python3; do
    command -v "$needed" >/dev/null || { echo "skipped: no $needed here"; exit 77; }
done
if ! bare "$moot" tool shell command=true >"$scratch/try" 2>&1; then
    echo "skipped: $(head -1 "$scratch/try")"
    exit 77
fi

mkdir -p "$scratch/home/.ssh" "$scratch/outside" "$scratch/project"
echo the-secret-itself >"$scratch/outside/secret"
echo the-secret-itself >"$scratch/home/.ssh/id_ed25519"
python3 -c '
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True: s.accept()' >"$scratch/port" &
listener=$!
trap 'kill "$listener" 2>/dev/null; clean_up' EXIT
while [ ! -s "$scratch/port" ]; do sleep 0.05; done
cd "$scratch/project" || exit 1

# (What holds bombs and hogs at once is tests/unit/test_sandbox.c's; here they are given two seconds.)
# What says ESC""APED or the secret has got out. $T is the test's folder, $N the listener's port.
cat >"$scratch/attempts" <<'ATTEMPTS'
+ (exec 3<>/dev/tcp/127.0.0.1/$N) && echo ESC""APED
- (exec 3<>/dev/tcp/1.1.1.1/53) && echo ESC""APED
- python3 -c 'import socket; socket.getaddrinfo("example.com", 80); print("ESC" "APED")'
- ip link 2>/dev/null | grep -v -e lo: -e loopback -e LOOPBACK && echo ESC""APED
+ cat "$T/outside/secret"
+ cat "$T/home/.ssh/id_ed25519"
- cat "$T"/home/.config/folkmoot/keys/* && echo ESC""APED
- cat /root/.ssh/* /home/*/.ssh/* && echo ESC""APED
- cat /etc/shadow && echo ESC""APED
+ echo x >"$T/outside/new"; cat "$T/outside/secret" >/dev/null && [ -e "$T/outside/new" ] && echo ESC""APED
- echo x >/usr/bin/new && echo ESC""APED
- echo x >/etc/new && echo ESC""APED
- find "$T/project/.moot" -type f 2>/dev/null | grep . && echo ESC""APED
- cat .moot/runs/* && echo ESC""APED
- mv .moot elsewhere && echo ESC""APED
- rm -rf .moot/runs; echo x >.moot/x && echo ESC""APED
+ ln -sf "$T/outside/secret" link; cat link
- ln -s / root; cat "root/$T/outside/secret"
- ln "$T/outside/secret" hard && cat hard
- cat "/proc/1/root/$T/outside/secret"
- cat "/proc/self/cwd/../outside/secret"
- for p in /proc/[0-9]*; do cat "$p/root/$T/outside/secret"; done
- [ -d /proc/$M ] && tr '\0' ' ' </proc/$M/cmdline | grep moot && echo ESC""APED
- env | grep KEY && echo ESC""APED
- cat /proc/[0-9]*/environ | tr '\0' '\n' | grep KEY && echo ESC""APED
- echo 1 >/proc/sys/kernel/sysrq && echo ESC""APED
- echo '|/bin/x' >/proc/sys/kernel/core_pattern && echo ESC""APED
- echo h >/proc/sysrq-trigger && echo ESC""APED
- mount -t tmpfs none /mnt && echo ESC""APED
- unshare -Ur true && echo ESC""APED
- mknod disk b 8 0 && echo ESC""APED
- kill -9 $M && echo ESC""APED
- ls /dev | grep -e sd -e vd -e mem -e kmsg && echo ESC""APED
- perl -e 'while ($n < 2000) { defined(my $p = fork) or last; $p or sleep 50; $n++ } print "ESC", "APED" if $n > 500'
- for i in 1 2 3 4; do python3 -c 'x = b"x" * (400 << 20); import time; time.sleep(50)' & done; wait; echo ESC""APED
- python3 -c 'x = b"x" * (6 << 30)' && echo ESC""APED
- yes; echo ESC""APED
- dd if=/dev/zero of=big bs=1M count=400 2>/dev/null && echo ESC""APED
- (setsid sh -c 'sleep 3; echo x >late') & sleep 100; echo ESC""APED
ATTEMPTS

# The same attempts as a script of model replies, in a workspace that holds the run's own journal.
cat >crew.yaml <<'YAML'
crew: captives
models: {default: scripted/replies.json}
agents:
  captive: {tools: [shell, read_file, write_file], workspace: ., max_steps: 100}
tasks:
  escape: {agent: captive, prompt: Get out.}
tools:
  shell: {sandbox: {seconds: 2s, memory: 1G}}
YAML
python3 - "$scratch" "$(cat "$scratch/port")" $$ >replies.json <<'PY'
import json, sys
top, port, pid = sys.argv[1:]
calls = [("shell", {"command": f"T={top} N={port} M={pid}; " + line[2:].rstrip("\n")})
         for line in open(top + "/attempts")]
calls += [("read_file", {"path": "link"}), ("read_file", {"path": ".moot/runs"}),
          ("write_file", {"path": "root/tmp/new", "text": "x"}),
          ("shell", {"command": "echo still here"})]
replies = [{"agent": "captive", "step": i + 1, "calls": [{"name": n, "arguments": a}]}
           for i, (n, a) in enumerate(calls)]
print(json.dumps(replies + [{"agent": "captive", "step": len(calls) + 1, "reply": "I stay."}]))
PY

# Without the fence.
controls=0
while IFS= read -r line; do
    case $line in '+ '*) ;; *) continue ;; esac
    controls=$((controls + 1))
    (cd "$scratch/outside" && T=$scratch N=$(cat "$scratch/port") bash -c "${line#+ }") \
        >"$scratch/bare" 2>&1
    grep -q -e ESCAPED -e the-secret-itself "$scratch/bare" || fault "no attempt at all: $line"
done <"$scratch/attempts"
rm -f "$scratch/outside/new" "$scratch/outside/link"

# With it.
bare_more=(OPENAI_API_KEY=KEY-of-the-house TMPDIR="$scratch")
bare "$moot" run crew.yaml --trust >result 2>err </dev/null
expect "the run" 0 $?
bare "$moot" show --json >"$scratch/export" || fault "no export"
python3 - "$scratch" >"$scratch/outcomes" <<'PY'
import json, sys
calls, n = {}, 0
for line in open(sys.argv[1] + "/export"):
    m = json.loads(line)
    kind = m.get("statement", {}).get("kind")
    if kind == "tool_call":
        call = json.loads(m["body"]["args"])
        said = call.get("command", str(call))
        said = said.split("; ", 1)[-1]
    elif kind == "tool_result":
        n += 1
        out = m["body"]["output"]
        for sign in ("ESCAPED", "the-secret-itself", "KEY-of-the-house"):
            if sign in out:
                print("FAULT:", said, "->", out[:300])
        print("held:", said, "->", out.split("\n")[0][:100])
print("count:", n)
PY
while IFS= read -r line; do fault "${line#FAULT: }"; done < <(grep ^FAULT: "$scratch/outcomes")
attempts=$(wc -l <"$scratch/attempts")
expect "attempts made" "count: $((attempts + 4))" "$(tail -1 "$scratch/outcomes")"
contains "after all that" "still here" "$scratch/export"
contains "a background process" "exit 124: it ran longer than 2 s and was killed" "$scratch/outcomes"
contains "a flood" "exit 137: it printed more than" "$scratch/outcomes"
sleep 2
[ -e late ] && fault "what ran in the background lived on"
[ -e "$scratch/outside/new" ] && fault "something was written outside"
bare "$moot" verify >/dev/null 2>"$scratch/err" || fault "the journal: $(cat "$scratch/err")"
[ "$faults" = 0 ] || cat "$scratch/outcomes"
echo "$attempts attempts, $controls of them also without the fence; $faults faults"
[ "$faults" = 0 ]
