#!/usr/bin/env python3
"""What the program costs, measured on this machine; nothing here passes or fails.

  bench.py MOOT BENCH_DOUBLE BENCH_BARE

Prints: the time of --version; time and memory of a scripted run of two replies; calls per second and CPU per
call at 1, 64 and 512 conversations at once against a loopback endpoint, beside a bare libcurl and libuv client
that posts the same number of requests; the CPU per call of as many calls in short and in long conversations, least
and most of some runs; the same of group chats and pairs; the memory of a conversation that waits for a person."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

moot, double, bare = (os.path.abspath(p) for p in sys.argv[1:4])
folder = tempfile.mkdtemp(prefix='moot-bench-')
env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder + '/state', XDG_CONFIG_HOME=folder + '/config',
           MOOT_PACE='0', NO_COLOR='1', OPENAI_API_KEY='bench')

TWO = '''crew: two
models: {default: scripted/replies.yaml}
process: sequential
tasks:
  first: {prompt: "Say one thing about {topic}."}
  second: {prompt: "Say it better: {first}"}
'''
ONE = '''crew: one
models: {default: openai/bench}
input: line
limits: {total: {tokens: 1000M, seconds: 3600}}
tasks:
  answer: {prompt: "Answer in one paragraph: {text}"}
'''
WAIT = '''crew: wait
models: {default: openai/bench}
input: line
limits: {total: {tokens: 1000M, seconds: 3600}}
tasks:
  answer: {prompt: "Answer in one paragraph: {text}"}
  send:
    needs: [answer]
    tool: send_email
    approval: always
    args: {subject: "An answer", body: "{answer}"}
tools:
  send_email: {deliver: print, args: {to: ann@example.org}}
'''
GROW = '''crew: grow
models: {default: openai/bench}
input: line
limits: {turns: 1000, calls: 1000, tokens: 1000M, total: {tokens: 1000M, seconds: 3600}}
tasks:
  answer:
    steps:
'''
# Four who speak in turn, twelve replies; two who speak five times each; one who waits for a person's words.
DESK = '''crew: desk
models: {default: openai/bench}
input: line
limits: {total: {tokens: 1000M, seconds: 3600}}
process: group_chat
opening: "{text}"
group_chat: {next_speaker: round_robin}
termination: {max_messages: 12}
agents: {a: {role: A}, b: {role: B}, c: {role: C}, d: {role: D}}
'''
PAIR = '''crew: pair
models: {default: openai/bench}
input: line
limits: {total: {tokens: 1000M, seconds: 3600}}
process: pair
opening: "{text}"
termination: {max_messages: 10}
agents: {a: {role: A}, b: {role: B}}
'''
IDLE = '''crew: idle
models: {default: openai/bench}
input: line
limits: {total: {tokens: 1000M, seconds: 3600}}
process: pair
opening: "{text}"
agents: {a: {role: A}, you: {kind: user_proxy}}
'''
WAITS = 10  # the exit code of a run that waits for a person


def write(name, text):
    with open(os.path.join(folder, name), 'w') as f:
        f.write(text)


def write_items(count):
    write('lines.jsonl', ''.join('{"name": "l%d", "text": "why do socks vanish? %d"}\n' % (i, i) for i in range(count)))


def run(argv, code=0, **more):
    """Seconds, CPU seconds and peak memory in KiB of one program."""
    start = time.monotonic()
    p = subprocess.Popen(argv, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    err = p.stderr.read()
    _, status, usage = os.wait4(p.pid, 0)
    seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != code:
        sys.exit('%s: exit %d\n%s' % (' '.join(argv), os.waitstatus_to_exitcode(status), err.decode()[-2000:]))
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def run_items(crew, count, jobs, code=0):
    write_items(count)
    with open(os.path.join(folder, 'lines.jsonl')) as f:
        return run([moot, 'run', crew, '-', '--jobs', str(jobs), '-q', '--trust'], code, stdin=f)


def run_turns(turns, calls):
    """CPU microseconds per call, sorted, of some runs of conversations of so many turns each."""
    write('grow.yaml', GROW + ''.join('      - prompt: "Say more, %d."\n' % i for i in range(turns)))
    return sorted(run_items('grow.yaml', calls // turns, 40)[1] * 1e6 / calls for _ in range(5))


def median(values):
    return sorted(values)[len(values) // 2]


def several(argv, times):
    runs = [run(argv) for _ in range(times)]
    return [median(x) for x in zip(*runs)]


server = None
try:
    write('two.yaml', TWO)
    write('replies.yaml', '- {task: first, reply: Socks come in threes here.}\n- {task: second, reply: Threes!}\n')
    write('one.yaml', ONE)
    s, _, kib = several([moot, '--version'], 21)
    print('--version                 %6.1f ms   %5.1f MiB' % (s * 1e3, kib / 1024))
    s, cpu, kib = several([moot, 'run', 'two.yaml', 'topic=socks'], 11)
    print('a run of two replies      %6.1f ms   %5.1f MiB   %.1f ms CPU' % (s * 1e3, kib / 1024, cpu * 1e3))
    server = subprocess.Popen([double, '0'], stdout=subprocess.PIPE)
    port = int(server.stdout.readline())
    env['OPENAI_BASE_URL'] = 'http://127.0.0.1:%d/v1' % port
    url = env['OPENAI_BASE_URL'] + '/chat/completions'
    print('%-12s%14s%16s%18s%18s' % ('at once', 'bare calls/s', 'bare CPU/call', 'moot calls/s', 'moot CPU/call'))
    base = run([moot, 'run', 'one.yaml', 'text=x', '--trust'])
    for jobs in (1, 64, 512):
        calls = 500 if jobs == 1 else 4000
        b = json.loads(subprocess.check_output([bare, url, str(jobs), str(calls)]))
        s, cpu, kib = run_items('one.yaml', calls, jobs)
        s, cpu = s - base[0], cpu - base[1]
        print('%-12d%14.0f%13.0f us%18.0f%15.0f us   %5.1f MiB' % (
            jobs, b['per_second'], b['cpu_us_per_call'], calls / s, cpu * 1e6 / calls, kib / 1024))
    for name, crew, replies in (('group chats of 4', DESK, 12), ('pairs', PAIR, 10)):
        write('talk.yaml', crew)
        for jobs in (1, 64, 512):
            talks = 40 if jobs == 1 else max(jobs, 256)
            s, cpu, kib = run_items('talk.yaml', talks, jobs)
            s, cpu = s - base[0], cpu - base[1]
            print('%-18s %4d at once    %6.0f calls/s %6.0f us CPU/call   %5.1f MiB' % (
                name, jobs, talks * replies / s, cpu * 1e6 / (talks * replies), kib / 1024))
    write('idle.yaml', IDLE)
    few, many = (run_items('idle.yaml', n, 64, WAITS)[2] for n in (1000, 10000))
    print('10,000 pairs that wait for a person   %5.1f KiB each' % ((many - few) / 9000))
    for turns in (20, 200):
        costs = run_turns(turns, 8000)
        print('conversations of %3d turns    %5.0f to %.0f us CPU/call' % (turns, costs[0], costs[-1]))
    write('wait.yaml', WAIT)
    few, many = (run_items('wait.yaml', n, 64, WAITS)[2] for n in (1000, 5000))
    print('a conversation that waits       %5.1f KiB' % ((many - few) / 4000))
finally:
    if server is not None:
        server.kill()
        server.wait()
    shutil.rmtree(folder)
