#!/usr/bin/env python3
"""What the program costs, measured on this machine; nothing here passes or fails.

  bench.py MOOT BENCH_DOUBLE BENCH_BARE

Prints: the time of --version; time and memory of a scripted run of two replies; calls per second and CPU per
call at 1, 64 and 512 conversations at once against a loopback endpoint, beside a bare libcurl and libuv client
that posts the same number of requests."""
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


def write(name, text):
    with open(os.path.join(folder, name), 'w') as f:
        f.write(text)


def run(argv, **more):
    """Seconds, CPU seconds and peak memory in KiB of one program."""
    start = time.monotonic()
    p = subprocess.Popen(argv, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    err = p.stderr.read()
    _, status, usage = os.wait4(p.pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        sys.exit('%s: exit %d\n%s' % (' '.join(argv), os.waitstatus_to_exitcode(status), err.decode()[-2000:]))
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


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
        write('lines.jsonl', ''.join('{"name": "l%d", "text": "why do socks vanish? %d"}\n' % (i, i)
                                     for i in range(calls)))
        with open(os.path.join(folder, 'lines.jsonl')) as f:
            s, cpu, kib = run([moot, 'run', 'one.yaml', '-', '--jobs', str(jobs), '-q', '--trust'], stdin=f)
        s, cpu = s - base[0], cpu - base[1]
        print('%-12d%14.0f%13.0f us%18.0f%15.0f us   %5.1f MiB' % (
            jobs, b['per_second'], b['cpu_us_per_call'], calls / s, cpu * 1e6 / calls, kib / 1024))
finally:
    if server is not None:
        server.kill()
        server.wait()
    shutil.rmtree(folder)
