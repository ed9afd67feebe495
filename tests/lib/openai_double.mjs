#!/usr/bin/env node
// A loopback server that speaks the chat-completions dialect without a model behind it, for tests of the
// whole program. It prints its port on the first line of its output and serves until it is killed (with
// --attached also until its input ends).
//
//   node openai_double.mjs [--log FILE] [--fault NAME[:COUNT]]... [--delay MS] [--models A,B]
//                          [--text TEXT] [--key KEY] [--pace MS] [--call] [--attached]
//
// A reply fits what was asked for: plausible values for the response schema, a call of the tool that
// tool_choice demands (or of the first tool, once, with --call), else --text or a sentence. The request is
// logged as one JSON line {n, at, method, path, auth, status, body}. Faults are used up one after the other,
// COUNT requests each (none: for ever):
//   401 404 429 500 503   that status with an error in OpenAI's shape (429 with retry-after-ms: 20)
//   html                  a web page, status 502
//   page                  a web page, status 200
//   cut                   a stream that ends in its middle
//   hang                  nothing is ever answered
//   reset                 the connection is torn down
//   badargs               tool calls whose arguments are no JSON
//   badschema             a JSON value that does not fit the schema
//   notjson               words where JSON was asked for
//   noschema              400 when the request has a response_format, else fine
//   empty                 a reply with nothing in it
//   long                  400 with context_length_exceeded
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';

const options = { faults: [], delay: 0, pace: 0, models: ['double'], text: '', key: '', log: '', call: false };
const words = process.argv.slice(2);
for (let i = 0; i < words.length; i++) {
    const value = () => {
        if (i + 1 >= words.length) fail(`${words[i]} wants a value`);
        return words[++i];
    };
    switch (words[i]) {
    case '--log': options.log = value(); break;
    case '--delay': options.delay = Number(value()); break;
    case '--pace': options.pace = Number(value()); break;
    case '--models': options.models = value().split(','); break;
    case '--text': options.text = value(); break;
    case '--key': options.key = value(); break;
    case '--call': options.call = true; break;
    case '--attached': process.stdin.on('end', () => process.exit(0)).on('error', () => {}).resume(); break;
    case '--fault': {
        const [name, count] = value().split(':');
        options.faults.push({ name, left: count === undefined ? Infinity : Number(count) });
        break;
    }
    default: fail(`what is ${words[i]}?`);
    }
}

function fail(text) {
    process.stderr.write(`openai_double: ${text}\n`);
    process.exit(2);
}

let served = 0;

function nextFault() {
    const fault = options.faults.find((f) => f.left > 0);
    if (!fault) return '';
    fault.left--;
    return fault.name;
}

// Values. Deterministic: the same schema gives the same value.

const texts = { uuid: '0b1f6a2e-3c4d-4e5f-8a6b-7c8d9e0f1a2b', email: 'lin@example.com', url: 'https://example.com/',
    date: '2026-11-25', domain: 'example.com' };

function textFor(schema, name) {
    const pattern = schema.pattern ?? '';
    let text = `some ${name || 'text'}`;
    for (const [kind, value] of Object.entries(texts)) {
        if (schema.format === kind || new RegExp(kind, 'i').test(name)) text = value;
    }
    if (pattern) {
        const fits = [text, ...Object.values(texts), 'a', 'abc', '0', '2026-11-25T10:00:00Z', 'A1']
            .find((t) => { try { return new RegExp(pattern, 'u').test(t); } catch { return true; } });
        text = fits ?? text;
    }
    while ([...text].length < (schema.minLength ?? 0)) text += ' and more words of it';
    if (schema.maxLength !== undefined) text = [...text].slice(0, schema.maxLength).join('');
    return text;
}

function numberFor(schema) {
    let low = schema.minimum ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + 1 : undefined);
    const high = schema.maximum ?? (schema.exclusiveMaximum !== undefined ? schema.exclusiveMaximum - 1 : undefined);
    if (low === undefined) low = high !== undefined && high < 7 ? high : 7;
    if (high !== undefined && low > high) low = high;
    return schema.multipleOf ? Math.ceil(low / schema.multipleOf) * schema.multipleOf : low;
}

function valueFor(schema, root, name = '', depth = 0) {
    if (schema === true || schema === undefined || depth > 20) return null;
    if (schema.$ref) {
        const at = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean)
            .reduce((s, k) => s?.[k.replaceAll('~1', '/').replaceAll('~0', '~')], root);
        return valueFor(at, root, name, depth + 1);
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    const choice = schema.anyOf ?? schema.oneOf;
    if (choice) return valueFor({ ...choice.find((s) => s.type !== 'null') }, root, name, depth + 1);
    if (schema.allOf) return valueFor(Object.assign({}, ...schema.allOf, { allOf: undefined }), root, name, depth + 1);
    const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== 'null') : schema.type;
    switch (type ?? (schema.properties ? 'object' : schema.items ? 'array' : 'string')) {
    case 'object': {
        const value = {};
        for (const [key, s] of Object.entries(schema.properties ?? {})) value[key] = valueFor(s, root, key, depth + 1);
        return value;
    }
    case 'array': {
        const length = Math.max(schema.minItems ?? 0, schema.maxItems === 0 ? 0 : 1);
        return Array.from({ length }, (_, i) => valueFor(schema.prefixItems?.[i] ?? schema.items ?? { type: 'string' },
            root, schema.uniqueItems || length > 1 ? `${name} ${i + 1}` : name, depth + 1));
    }
    case 'integer': case 'number': return numberFor(schema);
    case 'boolean': return true;
    case 'null': return null;
    default: return textFor(schema, name);
    }
}

// What is answered: {content, calls}.

function toolFor(request) {
    const tools = request.tools ?? [];
    const choice = request.tool_choice ?? 'auto';
    if (tools.length === 0 || choice === 'none') return undefined;
    if (typeof choice === 'object') return tools.find((t) => t.function.name === choice.function.name);
    if (choice === 'required') return tools[0];
    const called = request.messages.some((m) => m.tool_calls?.length > 0);
    return options.call && !called ? tools[0] : undefined;
}

// Where response_format is not taken, the schema stands in the last message, as JSON behind its first line.
function schemaOf(request) {
    const format = request.response_format?.json_schema?.schema;
    if (format) return format;
    const last = request.messages?.at(-1)?.content;
    if (typeof last !== 'string' || !last.includes('JSON Schema')) return undefined;
    try { return JSON.parse(last.slice(last.indexOf('{'))); } catch { return undefined; }
}

function answer(request, fault) {
    const tool = toolFor(request);
    if (fault === 'empty') return { content: '', calls: [] };
    if (tool) {
        const args = fault === 'badargs' ? '{"unfinished": ' : fault === 'badschema' ? '{"no_such_argument": 1}'
            : JSON.stringify(valueFor(tool.function.parameters ?? {}, tool.function.parameters ?? {}) ?? {});
        return { content: null, calls: [{ id: `call_${served}`, type: 'function',
            function: { name: tool.function.name, arguments: args } }] };
    }
    const schema = schemaOf(request);
    if (schema && fault === 'notjson') return { content: 'I would rather talk about the weather.', calls: [] };
    if (schema && fault === 'badschema') return { content: '{"no_such_member": 1}', calls: [] };
    if (schema) return { content: JSON.stringify(valueFor(schema, schema)), calls: [] };
    return { content: options.text || `This is reply ${served}, and it says nothing else.`, calls: [] };
}

const count = (text) => Math.ceil((text ?? '').length / 4);

function usageOf(request, reply) {
    const prompt = request.messages.reduce((sum, m) => sum + 4 + count(typeof m.content === 'string' ? m.content : ''), 0);
    const said = count(reply.content) + reply.calls.reduce((sum, c) => sum + count(c.function.arguments), 0);
    return { prompt_tokens: prompt, completion_tokens: said, total_tokens: prompt + said };
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Ways to answer

function sendJson(res, status, value, headers = {}) {
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(JSON.stringify(value));
    return status;
}

function sendError(res, status, message, code, headers = {}) {
    return sendJson(res, status, { error: { message, type: 'invalid_request_error', param: null, code } }, headers);
}

async function sendStream(res, request, reply, fault) {
    const base = { id: `chatcmpl-${served}`, object: 'chat.completion.chunk', created: 1764000000, model: request.model };
    const put = (value) => res.write(`data: ${JSON.stringify(value)}\n\n`);
    const chunk = (delta, finish = null) => put({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] });
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    chunk({ role: 'assistant', content: reply.calls.length > 0 ? null : '' });
    const pieces = (reply.content ?? '').match(/\s*\S+\s*/gu) ?? [];
    for (const [i, piece] of pieces.entries()) {
        if (fault === 'cut' && i >= pieces.length / 2) return res.destroy();
        if (options.pace > 0) await sleep(options.pace);
        chunk({ content: piece });
    }
    for (const [index, call] of reply.calls.entries()) {
        chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] });
        if (fault === 'cut') return res.destroy();
        const args = call.function.arguments;
        for (let at = 0; at < args.length; at += 12)
            chunk({ tool_calls: [{ index, function: { arguments: args.slice(at, at + 12) } }] });
    }
    if (fault === 'cut') return res.destroy();
    chunk({}, reply.calls.length > 0 ? 'tool_calls' : 'stop');
    if (request.stream_options?.include_usage) put({ ...base, choices: [], usage: usageOf(request, reply) });
    return res.end('data: [DONE]\n\n');
}

function sendWhole(res, request, reply) {
    const message = { role: 'assistant', content: reply.content, refusal: null };
    if (reply.calls.length > 0) message.tool_calls = reply.calls;
    sendJson(res, 200, { id: `chatcmpl-${served}`, object: 'chat.completion', created: 1764000000, model: request.model,
        choices: [{ index: 0, message, logprobs: null, finish_reason: reply.calls.length > 0 ? 'tool_calls' : 'stop' }],
        usage: usageOf(request, reply) });
}

// Faults that are answered without looking at the request; true: done.
function refuse(req, res, fault, request) {
    switch (fault) {
    case '401': return sendError(res, 401, 'Incorrect API key provided', 'invalid_api_key');
    case '404': return sendError(res, 404, `The model '${request.model}' does not exist`, 'model_not_found');
    case '429': return sendError(res, 429, 'Rate limit reached', 'rate_limit_exceeded', { 'retry-after-ms': '20' });
    case '500': return sendError(res, 500, 'The server had an error', 'server_error');
    case '503': return sendError(res, 503, 'Overloaded', 'overloaded');
    case 'long': return sendError(res, 400, 'maximum context length is 8 tokens', 'context_length_exceeded');
    case 'html': case 'page':
        res.writeHead(fault === 'html' ? 502 : 200, { 'content-type': 'text/html' });
        res.end('<html><head><title>Bad Gateway</title></head><body><h1>nginx</h1></body></html>');
        return fault === 'html' ? 502 : 200;
    case 'noschema':
        return request.response_format
            ? sendError(res, 400, 'This model does not support response format `json_schema`', 'unsupported') : 0;
    case 'reset': req.socket.resetAndDestroy(); return -1;
    case 'hang': return -1;
    default: return 0;
    }
}

async function chat(req, res, request, fault) {
    if (options.delay > 0) await sleep(options.delay);
    const status = refuse(req, res, fault, request);
    if (status !== 0) return status;
    const reply = answer(request, fault);
    if (request.stream) await sendStream(res, request, reply, fault);
    else sendWhole(res, request, reply);
    return 200;
}

function log(req, status, request) {
    if (!options.log) return;
    appendFileSync(options.log, JSON.stringify({ n: served, at: Date.now(), method: req.method, path: req.url,
        auth: req.headers.authorization ?? null, status, body: request }) + '\n');
}

async function serve(req, res) {
    const pieces = [];
    for await (const piece of req) pieces.push(piece);
    let request = null;
    try { request = JSON.parse(Buffer.concat(pieces).toString('utf8')); } catch { /* a GET has none */ }
    let status = 0;
    if (req.method === 'GET' && req.url.split('?')[0].endsWith('/models')) {
        status = sendJson(res, 200, { object: 'list', data: options.models.map((id) => ({ id, object: 'model',
            created: 1764000000, owned_by: 'double' })) });
        log(req, status, null);
        return;
    }
    served++;
    if (options.key && req.headers.authorization !== `Bearer ${options.key}`)
        status = sendError(res, 401, 'Incorrect API key provided', 'invalid_api_key');
    else if (req.method !== 'POST' || !req.url.split('?')[0].endsWith('/chat/completions'))
        status = sendError(res, 404, `no such address: ${req.url}`, null);
    else if (!request || !Array.isArray(request.messages))
        status = sendError(res, 400, "Missing required parameter: 'messages'", 'missing_required_parameter');
    else {
        const fault = nextFault();
        log(req, fault || 200, request);
        await chat(req, res, request, fault);
        return;
    }
    log(req, status, request);
}

const server = createServer((req, res) => {
    serve(req, res).catch((error) => {
        process.stderr.write(`openai_double: ${error.stack}\n`);
        res.destroy();
    });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
