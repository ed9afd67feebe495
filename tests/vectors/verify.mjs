// An independent verifier of exported Folkmoot journals: docs/security.md in JavaScript, written from
// the document and not from the C code, on libsodium and an RFC 8785 encoder of somebody else.
//
//   node verify.mjs FILE    exit 0 ok, 3 bad signature, 4 chain break, 5 incomplete, 6 key, 7 malformed
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import canonicalize from "canonicalize";
import sodium from "libsodium-wrappers";
await sodium.ready;

const must = (holds, exit, text) => { if (!holds) throw Object.assign(new Error(text), { exit }); };
const utf8 = new TextEncoder();
export const join = (...parts) => Buffer.concat(parts.map((p) => (typeof p === "string" ? utf8.encode(p) : p)));
export const hash = (...parts) => Buffer.from(sodium.crypto_generichash(32, join(...parts)));
export const unhex = (text) => Buffer.from(text, "hex");
const isHex = (v, bytes) => typeof v === "string" && v.length === 2 * bytes && /^[0-9a-f]*$/.test(v);
export const pae = (type, bytes) => join(`DSSEv1 ${type.length} ${type} ${bytes.length} `, bytes);
export const TYPES = {
  message: "application/vnd.folkmoot.message.v1+json", root: "application/vnd.folkmoot.root.v1",
  anchor: "application/vnd.folkmoot.anchor.v1+json", cert: "application/vnd.folkmoot.cert.v1+json",
};
export const verified = (type, bytes, sig, key) => sodium.crypto_sign_verify_detached(unhex(sig), pae(type, bytes), unhex(key));
export const kidOf = (key) => {
  const bits = [...hash("kid-v1", unhex(key)).subarray(0, 16)].map((b) => b.toString(2).padStart(8, "0"));
  return (bits.join("") + "00").replace(/.{5}/g, (five) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(five, 2)]);
};
const plain = (value, depth = 0) => { // the JSON that Folkmoot writes: whole numbers, no NUL, 64 deep
  must(depth <= 64, 7, "too deep");
  if (typeof value === "number") must(Number.isSafeInteger(value), 7, "a number that is no safe integer");
  else if (typeof value === "string") must(value.isWellFormed() && !value.includes("\0"), 7, "a text of no form");
  else if (value !== null && typeof value === "object")
    for (const [key, member] of Object.entries(value)) { plain(key); plain(member, depth + 1); }
};
export const parse = (text) => {
  let value;
  try { value = JSON.parse(text); } catch { must(false, 7, "not JSON"); }
  plain(value);
  must(canonicalize(value) === text, 7, "not in its canonical form");
  return value;
};
const name = (v, max = 1024) =>
  typeof v === "string" && v !== "" && utf8.encode(v).length <= max && !/[\0-\x1f\x7f-\x9f]/.test(v);
const integer = (v, low = 0) => Number.isSafeInteger(v) && v >= low;
const set = (v) => Array.isArray(v) && v.length > 0 && v.length <= 4096 && v.every((x) => name(x)) &&
  v.every((x, i) => i === 0 || Buffer.compare(utf8.encode(v[i - 1]), utf8.encode(x)) < 0);
const NOTED = ("genesis close end amend redaction key error timer transition model_call model_reply tool_result " +
  "approval_request summary").split(" ");
const SAID = "open msg turn delegate tool_call question answer approval verdict ballot decision".split(" ");
const FIELDS = {
  v: (x) => x === 1, kind: (x) => NOTED.includes(x) || SAID.includes(x), run: (x) => isHex(x, 16),
  conv: (x) => x === "" || name(x, 256), from: (x) => name(x), n: (x) => integer(x, 1) && x < 2 ** 32,
  nonce: (x) => isHex(x, 12), exp: (x) => integer(x, 1), to: set, prov: set, item: (x) => name(x), task: (x) => name(x),
  kid: (x) => typeof x === "string" && /^[a-z2-7]{25}[aeimquy4]$/.test(x), re: (x) => isHex(x, 32),
  ts: (x) => integer(x), caps: (x) => isHex(x, 32) && !/^0*$/.test(x), bh: (x) => isHex(x, 32),
};
const object = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
const fields = (value, known, needed, what) => {
  must(object(value), 7, `${what} is no object`);
  for (const key of Object.keys(value)) must(Object.hasOwn(known, key) && known[key](value[key]), 7, `${what}: ${key}`);
  for (const key of needed) must(Object.hasOwn(value, key), 7, `${what}: ${key} is missing`);
};
const PATH = { i: (x) => integer(x), of: (x) => integer(x, 2) && x < 2 ** 32,
  h: (h) => Array.isArray(h) && h.length > 0 && h.length <= 32 && h.every((x) => isHex(x, 32)) };
const LINE = { body: object, salt: (x) => isHex(x, 16), link: FIELDS.re, seq: FIELDS.ts, sig: (x) => isHex(x, 64),
  path: object, statement: object };
const ANCHOR = { kid: FIELDS.kid, link: LINE.link, run: FIELDS.run, seq: LINE.seq, sig: LINE.sig };
const checkForm = (m) => {
  fields(m, LINE, ["link", "seq", "statement"], "line");
  fields(m.statement, FIELDS, ["v", "kind", "run", "conv", "from", "ts", "bh"], "statement");
  const counted = ["n", "nonce", "exp"].filter((key) => Object.hasOwn(m.statement, key)).join();
  must(counted === "n" || counted === "nonce,exp", 7, "either n, or nonce and exp");
  must(("body" in m) === ("salt" in m) && (!("path" in m) || "sig" in m), 7, "what goes together does not");
  if (m.path) fields(m.path, PATH, ["h", "i", "of"], "path");
  must(!m.path || m.path.i < m.path.of, 7, "path: i");
};
export const rootOf = (path, id) => { // RFC 9162, 2.1.3.2; null where there is no such path
  let [at, last, r] = [path.i, path.of - 1, hash("\0", id)];
  for (const h of path.h) {
    if (last === 0) return null;
    const left = at % 2 === 1 || at === last;
    r = hash("\x01", ...(left ? [unhex(h), r] : [r, unhex(h)]));
    for (; left && at % 2 === 0 && at !== 0; at >>>= 1) last >>>= 1;
    at >>>= 1; last >>>= 1;
  }
  return last === 0 ? r : null;
};
export const linkOf = (before, id, sig, path) => hash("folkmoot link v1", before, id,
  hash(sig ? unhex(sig) : "", path ? canonicalize(path) : ""));
const certified = (owner, run, cert) => {
  must(object(cert) && isHex(cert.key, 32) && isHex(cert.sig, 64), 7, "a certificate of no form");
  const { key, name, sig } = cert, signed = canonicalize({ key, name, run });
  must(cert.run === run && verified(TYPES.cert, signed, sig, owner), 6, "not certified");
  return { key, kid: kidOf(key) };
};
const mustSign = (s, body) => ["genesis", "key", "close", "amend", "redaction"].includes(s.kind) || "nonce" in s ||
  (SAID.includes(s.kind) && s.from !== "host") || (s.kind === "approval" && (body?.decision ?? "approve") === "approve");
const keyFor = (state, s) => {
  const owners = ["amend", "redaction", "msg"].includes(s.kind) && s.kid === state.owner.kid;
  const persons = owners ? state.owner.key : state.approvers.get(s.kid);
  if (["amend", "redaction"].includes(s.kind)) return persons;
  const byHost = ["genesis", "key", "close"].includes(s.kind) || s.from === "host";
  const own = byHost ? state.host : s.kind === "approval" ? undefined : state.keys.get(s.from);
  if (byHost || own) return own.kid === s.kid ? own.key : undefined;
  const whose = state.people.get(s.from) ?? (state.people.size > 0 ? state.owner.kid : s.kid); // else the owner says it
  return whose === s.kid ? persons : undefined;
};
const takeKeys = (state, s, body, before) => {
  must(body, 6, "the keys it brings are missing");
  if (s.kind === "genesis") {
    must(isHex(body.owner, 32), 7, "no owner");
    state.owner = { key: body.owner, kid: kidOf(body.owner) };
    must((body.approver_keys ?? []).every((key) => isHex(key, 32)), 7, "an approver's key of no form");
    const known = [body.owner, ...(body.approver_keys ?? [])].map((key) => [kidOf(key), key]);
    state.people = new Map(Object.entries(body.people ?? {}));
    must(object(body.people ?? {}) && [...state.people.values()].every((kid) => typeof kid === "string"), 7, "people");
    state.approvers = new Map(known.filter(([kid]) => (body.approvers ?? [state.owner.kid]).includes(kid)));
  } else must((body.owner ?? state.owner.key) === state.owner.key, 6, "the owner has changed");
  must(s.run === state.run || s.kind === "genesis" || body.host, 4, "of another run");
  const at = { run: state.run, seq: state.seq, link: before.toString("hex") };
  const said = s.run === state.run ? {} : body.forked ?? {};
  must(s.kind === "genesis" || Object.keys(at).every((key) => (said[key] ?? at[key]) === at[key]), 4, "forked elsewhere");
  if (body.host || s.kind === "genesis") {
    const { from, to } = body.unwitnessed ?? { from: s.run === state.run ? state.seq + 1 : state.anchored + 1, to: state.seq };
    must(from === state.anchored + 1 && to === state.seq, 4, "an anchor is missing");
    state.run = s.run; state.host = certified(state.owner.key, s.run, body.host);
    must(body.host.name === "host", 6, "another's certificate");
    state.keys = new Map();
  }
  for (const cert of body.keys ?? []) {
    must(cert.name !== "host" && !state.keys.has(cert.name), 6, "a second key");
    state.keys.set(cert.name, certified(state.owner.key, s.run, cert));
  }
};
const takeMessage = (state, m) => {
  checkForm(m);
  const s = m.statement, bytes = utf8.encode(canonicalize(s)), id = hash(bytes);
  if (m.body) must(hash(unhex(m.salt), canonicalize(m.body)).toString("hex") === s.bh, 4, "the body is another");
  must(m.seq === state.seq + 1, 4, "a gap");
  const before = state.link;
  state.link = linkOf(before, id, m.sig, m.path);
  must(state.link.toString("hex") === m.link, 4, "the link is another");
  must((s.kind === "genesis") === (m.seq === 0) && (state.closed < 0 || s.kind === "redaction"), 4, "misplaced");
  if (["genesis", "key"].includes(s.kind)) takeKeys(state, s, m.body, before);
  else must(s.run === state.run, 4, "of another run");
  const author = `${s.conv}\n${s.from}`, count = (state.counts.get(author) ?? 0) + 1;
  must(!("n" in s) || s.n === count, 4, "the author's count is another");
  must(!state.nonces.has(s.nonce), 4, "a nonce used before");
  must(!("exp" in s) || s.exp >= state.ts, 3, "expired");
  must(!s.re || state.ids.has(s.re), 4, "it answers nothing");
  if (m.sig || mustSign(s, m.body)) {
    must(m.sig, 3, "not signed");
    const key = keyFor(state, s) ?? must(false, 6, "by a key that may not");
    const [type, signed] = m.path ? [TYPES.root, rootOf(m.path, id)] : [TYPES.message, bytes];
    must(signed && verified(type, signed, m.sig, key), 3, "a wrong signature");
  }
  if (s.kind === "close") {
    const { seq = state.seq, link = before.toString("hex") } = m.body ?? {};
    must(seq === state.seq && link === before.toString("hex"), 4, "another chain");
    state.closed = m.seq;
  }
  for (const { id, seq } of (s.kind === "redaction" && m.body?.messages) || [])
    state.removed.add(state.ids.get(id) === seq ? seq : must(false, 4, "it removes what is not here"));
  if (!m.body) state.missing.push(m.seq);
  if (s.nonce) state.nonces.add(s.nonce);
  if (s.from === "host") state.ts = Math.max(state.ts, s.ts);
  state.counts.set(author, count);
  state.ids.set(id.toString("hex"), state.seq = m.seq);
};
const takeAnchor = (state, line) => {
  fields(line, { anchor: object }, ["anchor"], "line");
  const a = line.anchor, signed = canonicalize({ link: a.link, run: a.run, seq: a.seq });
  fields(a, ANCHOR, Object.keys(ANCHOR), "anchor");
  must(a.seq <= state.seq, 4, "an anchor over what is not here");
  must(a.seq === state.seq && a.seq > state.anchored, 7, "an anchor out of its place");
  must(a.run === state.run, 4, "an anchor of another run");
  const by = state.closed >= 0 && state.seq > state.closed ? [state.host, state.owner] : [state.host];
  const key = by.find((k) => k.kid === a.kid)?.key ?? must(false, 6, "an anchor by a key that may not");
  must(verified(TYPES.anchor, signed, a.sig, key), 3, "an anchor with a wrong signature");
  must(a.link === state.link.toString("hex"), 4, "not what was anchored");
  state.anchored = a.seq;
};
export const verify = (bytes) => {
  const state = { seq: -1, link: Buffer.alloc(32), anchored: -1, closed: -1, ts: 0, counts: new Map(), ids: new Map(),
    nonces: new Set(), removed: new Set(), missing: [] };
  must(isUtf8(bytes), 7, "not UTF-8");
  const lines = bytes.toString().split("\n");
  must(lines.pop() === "", 7, "cut off");
  for (const line of lines) (line.startsWith('{"anchor":') ? takeAnchor : takeMessage)(state, parse(line));
  for (const seq of state.missing) must(state.removed.has(seq), 4, `the body of message ${seq} is missing`);
  must(state.closed >= 0 && state.anchored === state.seq, 5, "not closed and anchored");
  return state;
};
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    const { run, seq, owner } = verify(readFileSync(process.argv[2]));
    console.log(`run ${run}: ${seq + 1} messages, owner ${owner.kid}`);
  } catch (e) { console.log(e.message); process.exitCode = e.exit ?? 1; }
}
