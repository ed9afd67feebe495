// Checks the frozen vectors with what verify.mjs has, then changes the frozen journal in many ways: each
// change must be refused, and by `moot verify`, where there is one, with the same exit code.
//
//   node compare.mjs [MOOT] [COUNT]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import canonicalize from "canonicalize";
import { hash, kidOf, linkOf, parse, rootOf, TYPES, unhex, verified, verify } from "./verify.mjs";

const here = new URL(".", import.meta.url);
const [moot, count = 150] = process.argv.slice(2);
let faults = 0;
const expect = (holds, text) => {
  if (holds) return;
  faults++;
  console.log(`fault: ${text}`);
};

// ---- the vectors
const vectors = JSON.parse(readFileSync(new URL("vectors.json", here), "utf8"));
for (const v of vectors.messages) {
  parse(v.statement); // throws where it is not canonical
  expect(hash(v.statement).toString("hex") === v.id, `id of ${v.statement}`);
  expect(linkOf(unhex(v.before), unhex(v.id), v.sig, v.path).toString("hex") === v.link, `link of ${v.id}`);
  if (v.body) expect(hash(unhex(v.salt), v.body).toString("hex") === v.bh, `bh of ${v.body}`);
  if (v.body) expect(canonicalize(JSON.parse(v.body)) === v.body, `form of ${v.body}`);
}
for (const tree of vectors.trees)
  for (const leaf of tree.leaves)
    expect(rootOf(leaf.path, unhex(leaf.id))?.toString("hex") === tree.root, `path of ${leaf.id}`);
for (const v of vectors.signatures) {
  expect(kidOf(v.key) === v.kid, `kid of ${v.key}`);
  for (const type of Object.values(TYPES))
    expect(verified(type, Buffer.from(v.text), v.sig, v.key) === (type === v.type), `signature of '${v.text}' as ${type}`);
}

// ---- the journal, changed
const exitOf = (bytes) => {
  try {
    verify(bytes);
    return 0;
  } catch (e) {
    if (e.exit === undefined) throw e;
    return e.exit;
  }
};
const dir = mkdtempSync(joinPath(tmpdir(), "moot-vectors-"));
const mootExitOf = (bytes) => {
  const file = joinPath(dir, "run.jsonl");
  writeFileSync(file, bytes);
  const env = { ...process.env, HOME: dir, XDG_STATE_HOME: dir, XDG_CONFIG_HOME: dir };
  return spawnSync(moot, ["verify", file], { env, cwd: dir }).status;
};
let state = 12345;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const isAnchor = (line) => line.startsWith('{"anchor"');
// Numbers and links made to fit, as whoever has no key can do it.
const relink = (lines) => {
  let link = Buffer.alloc(32);
  let seq = 0;
  return lines.map((line) => {
    if (isAnchor(line)) return line;
    let m;
    try {
      m = JSON.parse(line);
    } catch {
      return line;
    }
    link = linkOf(link, hash(canonicalize(m.statement)), m.sig, m.path);
    return canonicalize({ ...m, link: link.toString("hex"), seq: seq++ });
  });
};
const edit = (line, change) => {
  const m = JSON.parse(line);
  change(m);
  return canonicalize(m);
};
const CHANGES = {
  byte: (lines) => {
    const at = random(lines.length);
    const bytes = Buffer.from(lines[at]);
    bytes[random(bytes.length)] ^= 1 << random(7);
    // Every line as its bytes, one character each: what came out need not be UTF-8.
    return lines.map((line, i) => (i === at ? bytes : Buffer.from(line)).toString("latin1"));
  },
  drop: (lines) => lines.toSpliced(random(lines.length), 1),
  twice: (lines) => { const at = random(lines.length); return lines.toSpliced(at, 0, lines[at]); },
  move: (lines) => {
    const at = random(lines.length);
    return lines.toSpliced(at, 1).toSpliced(random(lines.length), 0, lines[at]);
  },
  cut: (lines) => lines.slice(0, random(lines.length)),
  digit: (lines) => { // a hex digit somewhere: ids, links, signatures, keys, hashes
    const at = random(lines.length);
    const places = [...lines[at].matchAll(/[0-9a-f](?=[0-9a-f]{8})/g)].map((m) => m.index);
    const place = places[random(places.length)];
    return lines.with(at, lines[at].slice(0, place) + "0123456789abcdef"[random(16)] + lines[at].slice(place + 1));
  },
  field: (lines) => { // what one statement says, said by another
    const messages = lines.map((line, i) => i).filter((i) => !isAnchor(lines[i]));
    const [at, other] = [messages[random(messages.length)], messages[random(messages.length)]];
    const from = JSON.parse(lines[other]).statement;
    const keys = Object.keys(from);
    const key = keys[random(keys.length)];
    return lines.with(at, edit(lines[at], (m) => { m.statement[key] = from[key]; }));
  },
  body: (lines) => { // another's body, with the hash made to fit
    const messages = lines.map((line, i) => i).filter((i) => !isAnchor(lines[i]) && JSON.parse(lines[i]).body);
    const [at, other] = [messages[random(messages.length)], messages[random(messages.length)]];
    return lines.with(at, edit(lines[at], (m) => {
      m.body = JSON.parse(lines[other]).body;
      m.statement.bh = hash(unhex(m.salt), canonicalize(m.body)).toString("hex");
    }));
  },
  proof: (lines) => { // another's signature and path
    const messages = lines.map((line, i) => i).filter((i) => !isAnchor(lines[i]));
    const [at, other] = [messages[random(messages.length)], messages[random(messages.length)]];
    const { sig, path } = JSON.parse(lines[other]);
    return lines.with(at, edit(lines[at], (m) => {
      delete m.sig;
      delete m.path;
      Object.assign(m, sig ? { sig } : {}, path ? { path } : {});
    }));
  },
};

const golden = readFileSync(new URL("journal.jsonl", here));
const lines = golden.toString().split("\n").slice(0, -1);
expect(exitOf(golden) === 0, "the frozen journal itself");
for (const [i, { exit, journal }] of JSON.parse(readFileSync(new URL("people.json", here), "utf8")).entries()) {
  expect(exitOf(Buffer.from(journal)) === exit, `people ${i}: exit ${exitOf(Buffer.from(journal))} and not ${exit}`);
  if (moot) expect(mootExitOf(journal) === exit, `people ${i}: moot says ${mootExitOf(journal)} and not ${exit}`);
}
const withMoot = Boolean(moot) && mootExitOf(golden) === 0;
const names = Object.keys(CHANGES);
const seen = {};
for (let i = 0; i < Number(count); i++) {
  const name = names[i % names.length];
  let changed = CHANGES[name](lines);
  const fits = name !== "byte" && random(2) === 1;
  if (fits) changed = relink(changed);
  const bytes = Buffer.from(changed.map((line) => line + "\n").join(""), name === "byte" ? "latin1" : "utf8");
  const exit = exitOf(bytes);
  const same = bytes.equals(golden);
  seen[exit] = (seen[exit] ?? 0) + 1;
  expect((exit === 0) === same, `change ${i} (${name}${fits ? ", made to fit" : ""}): exit ${exit}`);
  if (withMoot) {
    const theirs = mootExitOf(bytes);
    expect(theirs === exit, `change ${i} (${name}${fits ? ", made to fit" : ""}): exit ${exit}, and moot says ${theirs}`);
  }
}
rmSync(dir, { recursive: true });
const asked = withMoot ? "moot asked too" : "moot not asked";
console.log(`${count} changes, exits ${JSON.stringify(seen)}, ${asked}; ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
