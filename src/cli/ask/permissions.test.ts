import assert from "node:assert/strict";
import { test } from "node:test";
import { type CheckedRule, type PolicyPart, parseRules } from "../../language/index.ts";
import { vocabulary } from "../../linux/index.ts";
import { parseEntry } from "./entry.ts";
import { AskedPermissions } from "./permissions.ts";
import { proposalsFor } from "./proposals.ts";

const HOME = "/home/me";

function ruleOf(name: string, lists: string): CheckedRule & { readonly policy: PolicyPart } {
  const text = `policy p { ${lists} otherwise = FAIL EACCES }`;
  const { ruleSet } = parseRules([{ name: "t", text }], vocabulary);
  const rule = ruleSet?.rules.find((one) => one.name === name);
  assert.ok(rule?.policy);
  return { ...rule, policy: rule.policy };
}

/** Whether the entry allows a use of a list. */
function allows(rule: ReturnType<typeof ruleOf>, entry: string, ...names: string[]): boolean {
  const permissions = new AskedPermissions();
  const entries = parseEntry(rule.policy.right, entry);
  assert.ok(typeof entries === "object", `${entry}: ${entries}`);
  permissions.allow(rule.policy, entries);
  return permissions.permits({ rule, call: "", names });
}

test("entries allow what the same entries of the policy would", () => {
  const read = ruleOf("p.read", 'read { "/usr/**" }');
  assert.ok(allows(read, '"/a/**"', "/a"));
  assert.ok(allows(read, '"/a/*.c"', "/a/b.c"));
  assert.ok(!allows(read, '"/a/*.c"', "/a/b/c.c"));
  const moves = ruleOf("p.write.moves", 'write { "/w/**" }');
  assert.ok(allows(moves, '"/a/**"', "/w/x", "/a/x"));
  assert.ok(!allows(moves, '"/a/**"', "/a/x", "/b/x"));
  assert.ok(!allows(moves, '"/a"', "/a", "/w/a"), "a name does not let it be moved");
  assert.ok(allows(moves, '"/a{,}"', "/a", "/w/a"));
  const connect = ruleOf("p.connect", "connect { 10.0.0.0/8 }");
  assert.ok(allows(connect, '"*:443"', "192.0.2.1:443", "[2001:db8::1]:443", "10.1.2.3:9"));
  assert.ok(!allows(connect, '"192.0.2.0/25:443"', "192.0.2.128:443"));
});

test("what `not` takes away comes back by its own name alone", () => {
  const read = ruleOf("p.read", 'read { "/srv/**", not "/**/.env" }');
  assert.ok(!allows(read, '"/srv/**"', "/srv/.env"));
  assert.ok(!allows(read, '"/srv/.e*"', "/srv/.env"));
  assert.ok(allows(read, '"/srv/.env"', "/srv/.env"));
  const names = ruleOf("p.write.names", 'write { "/srv/**", not "/**/.env" }');
  assert.ok(allows(names, '"/srv/.env{,}"', "/srv/.env"));
  const connect = ruleOf("p.connect", 'connect { "*:*", not 169.254.0.0/16 }');
  assert.ok(!allows(connect, '"*:80"', "169.254.169.254:80"));
  assert.ok(allows(connect, '"169.254.169.254:80"', "169.254.169.254:80"));
});

test("what was allowed for a while ends", () => {
  const rule = ruleOf("p.read", "read { }");
  const permissions = new AskedPermissions();
  const entries = parseEntry("read", '"/a"');
  assert.ok(typeof entries === "object");
  permissions.allow(rule.policy, entries, Date.now() - 1);
  assert.equal(permissions.permits({ rule, call: "", names: ["/a"] }), false);
});

test("one entry is written, and nothing behind it", () => {
  for (const wrong of [
    '"/a", "/b"',
    '"/a" } write { "/b"',
    '"/a" } } rule { syscall_name = open action { type = LOG }',
    'not "/a"',
    '"a"',
    '"/a/../b"',
  ])
    assert.equal(typeof parseEntry("read", wrong), "string", wrong);
  assert.equal(typeof parseEntry("connect", '"example.org:443"'), "string");
});

test("every entry that is offered allows what was asked about", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["p.read", "read { }", "/srv/a b/x*.c"],
    ["p.read", "read { }", "/srv/{a}/\\x"],
    ["p.write.names", "write { }", "/srv/app/out[1].o"],
    ["p.execute", "execute { }", "/opt/tool/bin/tool"],
    ["p.connect", "connect { }", "[2001:db8::1]:53"],
    ["p.listen", "listen { }", "0.0.0.0:8080"],
    ["p.unix", "unix { }", "@a*b"],
  ];
  for (const [name, lists, used] of cases) {
    const rule = ruleOf(name, lists);
    const { entries } = proposalsFor(rule.policy, used, { call: "" }, HOME);
    assert.ok(entries.length > 0);
    for (const { text } of entries) assert.ok(allows(rule, text, used), `${text} for ${used}`);
  }
});

test("folders of everybody are not offered, and credentials by their own name alone", () => {
  const { policy } = ruleOf("p.read", "read { }");
  const offered = (name: string) => {
    const { entries, warning } = proposalsFor(policy, name, { call: "open" }, HOME);
    return [entries.length, warning];
  };
  assert.deepEqual(offered("/etc/hosts"), [1, undefined]);
  assert.deepEqual(offered("/home/me/letter"), [1, undefined]);
  assert.deepEqual(offered("/home/me/app/x.c"), [3, undefined]);
  assert.deepEqual(offered("/home/me/.ssh/id_rsa"), [1, "credentials"]);
});
