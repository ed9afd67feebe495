#!/usr/bin/env python3
"""Checks one exported run of the plug-in promoter.

  promoter_check.py CREW EXPORT.jsonl FOLDER MAILS    writes the mails that were sent to MAILS, to be judged"""
import json
import re
import sys

crew, export, folder, mails_file = sys.argv[1:5]
WANT = {'pipeline': dict(drafts=5, rejected=0, sends=5),
        'graph': dict(drafts=5, rejected=0, sends=5),
        'quality-loop': dict(drafts=6, rejected=1, sends=5),
        'crew': dict(drafts=6, rejected=1, sends=5)}[crew]
rows = {r['file']: r for r in json.load(open(folder + '/stores.json'))}
by_item = {f.rsplit('.', 1)[0]: r for f, r in rows.items()}
messages = [json.loads(line) for line in open(export)]
messages = [(m['statement'], m.get('body')) for m in messages if 'statement' in m]
problems = []


def want(what, there, wanted):
    if there != wanted:
        problems.append('%s: %s, not %s' % (what, there, wanted))


def bodies(pattern, kinds):
    """The bodies of these kinds in the conversations that match, joined as text."""
    return '\n'.join(json.dumps(b, ensure_ascii=False) for s, b in messages
                     if s['kind'] in kinds and re.fullmatch(pattern, s['conv']))


def words(text):
    return re.sub(r'\W+', ' ', json.loads('"%s"' % text) if '\\' in text else text)


def result_of(task, item):
    """The last result of a task for an item."""
    found = None
    for s, b in messages:
        if s['kind'] == 'end' and s.get('task') == task and s.get('item') == item \
                and re.fullmatch(r'\d+/%s#\d+' % task, s['conv']) and 'result' in b:
            found = json.loads(b['result']['json']) if 'json' in b['result'] else b['result']['text']
    return found


items = sorted({s['item'] for s, b in messages if s.get('item')})
want('items', items, sorted(by_item))
drafts = {s['conv'] for s, b in messages if s['kind'] == 'open' and re.fullmatch(r'\d+/email#\d+', s['conv'])}
want('drafts', len(drafts), WANT['drafts'])
verdicts = [(s, b) for s, b in messages if s['kind'] == 'verdict' and s['from'] == 'reviewer']
rejected = [(s, b) for s, b in verdicts if not b['passed']]
want('rejections', len(rejected), WANT['rejected'])
closed = [b for s, b in messages if s['kind'] == 'close']
want('closed', len(closed), 1)

# W1, first half: what was wrong is told to the next attempts, with the page beside it.
for s, b in rejected:
    number = s['conv'].split('/')[0]
    if len(b['problems']) < 3:
        problems.append('the rejection names %d problems' % len(b['problems']))
    for task in ('summary', 'concept', 'email'):
        prompt = bodies(r'%s/%s#2' % (number, task), ('model_call',))
        for p in b['problems']:
            if json.dumps(p['what'], ensure_ascii=False)[1:-1] not in prompt:
                problems.append('%s#2 was not told: %s' % (task, p['what']))
    if '1,140' not in bodies(r'%s/summary#2' % number, ('model_call', 'open')):
        problems.append('summary#2 did not see the page again')

# W4 and the other half of W1: one send for each item, of the draft that passed, to the registry's address.
calls = {}
for s, b in messages:
    if s['kind'] == 'tool_call' and b.get('tool') == 'send_email':
        calls.setdefault(s['item'], []).append(b)
want('sends', sum(len(c) for c in calls.values()), WANT['sends'])
results = [s for s, b in messages if s['kind'] == 'tool_result' and b.get('status') == 'ok' and s.get('task') == 'send']
want('sends that went well', len(results), WANT['sends'])
mails = []
for item, row in by_item.items():
    want('sends for ' + item, len(calls.get(item, [])), 1)
    mail = result_of('email', item)
    concept = result_of('concept', item)
    summary = result_of('summary', item)
    want('mail of ' + item, sorted(mail), ['body', 'subject_line'])
    want('store of ' + item, concept.get('store_id'), row['store_id'])
    want('summary of ' + item, sorted(summary), sorted('products tone values themes praise notes'.split()))
    for call in calls.get(item, []):
        args = json.loads(call['args'])
        want('recipient of ' + item, args.get('to', row['email']), row['email'])
        want('sent body of ' + item, args['body'], mail['body'])
        want('sent subject of ' + item, args['subject'], mail['subject_line'])
    mails.append(dict(store=item, page=folder + '/storefronts/' + row['file'], owner=row['owner'],
                      recipient=row['email'], email=mail, concept=concept,
                      **({'summary': summary} if crew in ('quality-loop', 'crew') else {})))
sent_to = bodies(r'.*', ('tool_result',))
for row in by_item.values():
    if row['email'] not in sent_to:
        problems.append('nothing shows that %s was written to' % row['email'])

# W2: attempts are bounded.
for s, b in messages:
    n = re.fullmatch(r'\d+/\w+#(\d+)', s['conv'])
    if n and int(n.group(1)) > 3:
        problems.append('a fourth attempt: ' + s['conv'])

# W3: what the copywriter was shown.
for item in by_item:
    number = [s['conv'] for s, b in messages if s['kind'] == 'open' and s.get('item') == item][0].split('/')[0]
    shown = bodies(r'%s/email#\d+' % number, ('model_call', 'open'))
    praise = json.dumps(result_of('summary', item)['praise'], ensure_ascii=False)[1:-1]
    praise = praise.replace('\\', '\\\\') if praise not in shown else praise
    if crew == 'pipeline':
        for secret in (praise, by_item[item]['owner'], by_item[item]['email']):
            if secret in shown:
                problems.append('the copywriter of %s was shown: %s' % (item, secret))
    elif praise not in shown:
        problems.append('the copywriter of %s was not shown the summary' % item)

# The director hands out and takes over: it has no results of its own, and none goes out that it did not accept.
if crew == 'crew':
    given = [b for s, b in messages if s['kind'] == 'delegate']
    want('delegations', len(given), 4 * 5 + 2)
    want('who delegates', {s['from'] for s, b in messages if s['kind'] == 'delegate'}, {'director'})
    want('to whom', {b['to'] for b in given}, {'scout', 'analyst', 'inventor', 'copywriter'})
    worked = {b['participants'][0] for s, b in messages if s['kind'] == 'open' and '#' in s['conv']}
    want('whose attempts', worked, {'scout', 'analyst', 'inventor', 'copywriter', 'reviewer', 'runner'})
    for item in by_item:
        moves = [(b['work_item'], b['from'], b['to']) for s, b in messages
                 if s['kind'] == 'transition' and s.get('item') == item]
        for w in ('w1.1', 'w1', 'w2', 'w3'):
            want('how %s of %s ended' % (w, item), [m for m in moves if m[0] == w][-1], (w, 'checking', 'done'))
        want('send of ' + item, [m[1:] for m in moves if m[0] == 'w4'], [('todo', 'running'), ('running', 'done')])

json.dump(mails, open(mails_file, 'w'))
for p in problems:
    print('%s: %s' % (crew, p))
sys.exit(bool(problems))
