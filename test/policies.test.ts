/** Policies are short for rules: what they decide, that the printed rules decide the same, and where they are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unsupportedBy } from "../src/compiler/index.ts";
import { compose } from "../src/daemon/rules/rule-set.ts";
import {
  type ParseResult,
  parseRules,
  printItem,
  printRules,
  runTests,
} from "../src/language/index.ts";
import { vocabulary } from "../src/linux/index.ts";

const POLICY = `list SECRETS { "/etc/shadow", "/etc/ssh/**" }
list MORE { SECRETS, "/srv/key-?" }
policy p {
  read { "/etc/**", "/srv/**", not MORE, "/etc/ssh/moduli" }
  write { "/srv/app/**", "/srv/log-[0-9]", "/dev/null" }
  execute { "/usr/bin/*", not "/usr/bin/su" }
  attributes { "/srv/app/**" }
  connect { 10.0.0.0/8, "127.0.0.1:443", "[fe80::/10]:22", not 10.1.0.0/16, "*:53" }
  listen { "127.0.0.1:0", "*:8080" }
  unix { "/run/dbus/**", "@app" }
  otherwise = FAIL EPERM
}
`;

/** Calls as tests write them, with the list whose rule denies them. */
const CALLS: readonly (readonly [call: string, deniedBy?: string])[] = [
  ['open("/etc/passwd", O_RDONLY)'],
  ['open("/etc", O_RDONLY | O_DIRECTORY)'],
  ['open("/etc/shadow", O_RDONLY)', "read"],
  ['open("/etc/ssh/sshd_config", O_RDONLY)', "read"],
  ['open("/etc/ssh", O_RDONLY)', "read"],
  ['open("/etc/ssh/moduli", O_RDONLY)'],
  ['open("/srv/key-1", O_RDONLY)', "read"],
  ['open("/srv/key-12", O_RDONLY)'],
  ['open("/home/x", O_RDONLY)', "read"],
  ['open("/home/x", O_PATH)'],
  ['open("/etc/passwd", O_WRONLY)', "write"],
  ['open("/etc/passwd", O_RDONLY | O_TRUNC)', "write"],
  ['openat(AT_FDCWD, "/etc/passwd", O_RDWR)', "write"],
  ['creat("/srv/log-5", 0644)'],
  ['creat("/srv/log-55", 0644)', "write"],
  ['open("/dev/null", O_WRONLY)'],
  ['open("/srv/app", O_WRONLY | 0x410000)'],
  ['open("/srv", O_WRONLY | 0x410000)', "write"],
  ['truncate("/dev/null", 0)'],
  ['truncate("/etc/passwd", 0)', "write.truncate"],
  ['unlink("/dev/null")', "write.names"],
  ['mkdir("/srv/app/a", 0755)'],
  ['mkdir("/srv/app", 0755)', "write.names"],
  ['rmdir("/srv/app")', "write.names"],
  ['rename("/srv/app/a", "/srv/app/b")'],
  ['rename("/etc/passwd", "/srv/app/b")', "write.moves"],
  ['rename("/srv/app/a", "/etc/passwd")', "write.moves"],
  ['link("/etc/passwd", "/srv/app/b")', "write.moves"],
  ['symlink("/etc/passwd", "/srv/app/b")'],
  ['symlink("/srv/app/b", "/etc/passwd")', "write.links"],
  ['execve("/usr/bin/ls")'],
  ['execve("/usr/bin/su")', "execute"],
  ['execve("/usr/bin/sub/ls")', "execute"],
  ['execve("/lib64/ld-linux-x86-64.so.2")', "execute"],
  ['chmod("/srv/app", 0)'],
  ['chmod("/etc/passwd", 0)', "attributes"],
  [inet("connect", "10.2.3.4", 1)],
  [inet("connect", "10.1.3.4", 1), "connect"],
  [inet("connect", "10.1.3.4", 53)],
  [inet("connect", "127.0.0.1", 443)],
  [inet("connect", "127.0.0.1", 80), "connect"],
  ["connect(3) as { PARAMS[2].sa_family = AF_UNSPEC }"],
  ["connect(3) as { PARAMS[2].sa_family = AF_NETLINK }"],
  ["connect(3) as { PARAMS[2].sa_family = AF_VSOCK }", "connect"],
  [inet("bind", "127.0.0.1", 0)],
  [inet("bind", "127.0.0.1", 80), "listen"],
  [inet("bind", "0.0.0.0", 8080)],
  [unix("connect", "/run/dbus/socket")],
  [unix("connect", "/run/docker.sock"), "unix"],
  [unix("bind", "/srv/app/socket")],
  [unix("bind", "/run/socket"), "write.sockets"],
];

function inet(call: string, address: string, port: number): string {
  return `${call}(3) as { PARAMS[2].sa_family = AF_INET, PARAMS[2].sin_addr = ${address}, PARAMS[2].sin_port = ${port} }`;
}

function unix(call: string, path: string): string {
  return `${call}(3) as { PARAMS[2].sa_family = AF_UNIX, PATH[2] = "${path}" }`;
}

const parse = (text: string): ParseResult => parseRules([{ name: "t", text }], vocabulary);

const TESTS = CALLS.map(([call, by]) => {
  const expected = by === undefined ? "nothing" : `FAIL EPERM by p.${by}`;
  return `test "${call.replaceAll('"', "'")}" { call ${call} expect ${expected} }`;
}).join("\n");

function failures({ ruleSet, diagnostics }: ParseResult): string[] {
  assert.ok(ruleSet, JSON.stringify(diagnostics.map(({ message, span }) => [message, span.start])));
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.equal(results.length, CALLS.length);
  return results.flatMap(({ test: { title }, failures: why }) =>
    why.map((one) => `${title}: ${one}`),
  );
}

test("a policy denies what its lists do not allow", () => {
  assert.deepEqual(failures(parse(POLICY + TESTS)), []);
});

test("the rules that a policy means decide the same", () => {
  const { meaning } = parse(POLICY);
  const rules = meaning.map(printItem).join("\n");
  assert.doesNotMatch(rules, /policy/);
  const again = parse(rules + TESTS);
  assert.deepEqual(failures(again), []);
  const calls = ({ ruleSet }: ParseResult) =>
    ruleSet?.rules.map(({ name, targets }) => [name, targets.map((target) => target.name)]);
  assert.deepEqual(calls(again), calls(parse(POLICY)));
});

test("without `otherwise` calls are reported, and rules of the file see them too", () => {
  const text = `rule { rule_name = own syscall_name = open action { type = LOG } }
    policy p { read { "/etc/**" } }
    test "t" { call open("/x", O_RDONLY) expect LOG by p.read expect LOG by own }`;
  const { ruleSet } = parse(text);
  assert.deepEqual(
    runTests(ruleSet ?? assert.fail(), vocabulary, () => "").map(({ taken }) =>
      taken.map(({ rule, type }) => [rule, type]),
    ),
    [
      [
        ["p.read", "LOG"],
        ["own", "LOG"],
      ],
    ],
  );
});

test("a policy prints, and what is printed is the same policy", () => {
  const printed = printRules(parse(POLICY).ast);
  assert.equal(printRules(parse(printed).ast), printed);
  assert.match(
    printed,
    /^ {2}read \{ "\/etc\/\*\*", "\/srv\/\*\*", not MORE, "\/etc\/ssh\/moduli" \}$/m,
  );
  assert.match(printed, /^ {2}otherwise = FAIL EPERM$/m);
});

test("for a whole machine policies are refused, once each", () => {
  const { ruleSet } = parse(`${POLICY} policy q { read { } }`);
  const refused = unsupportedBy(ruleSet?.rules ?? [], undefined);
  assert.deepEqual(
    refused.map(({ code, severity, message }) => [code, severity, message.slice(0, 12)]),
    [
      ["not_supported_by_engine", "error", "The policy p"],
      ["not_supported_by_engine", "error", "The policy q"],
    ],
  );
  const composed = compose("", [{ name: "t", text: POLICY }]);
  assert.equal(composed.composition, undefined);
  assert.deepEqual(
    composed.diagnostics.map(({ code }) => code),
    ["not_supported_by_engine"],
  );
});

/** What is put into the text of a policy, or in the place of a piece of it. */
const PIECES = [
  ...[
    "{",
    "}",
    '"',
    "not ",
    ",",
    "policy ",
    "read ",
    "otherwise = ",
    "FAIL",
    "/**",
    "*",
    "[",
    "\\",
  ],
  ...["\0", "\u202e", "::/0", ":443", "list A { A }", "=", "#", "/*", "SECRETS", "99999999999"],
];

test("hostile text is refused with its place; what is accepted prints and means the same again", () => {
  let state = 7;
  const choose = (count: number): number => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % count;
  };
  let accepted = 0;
  for (let round = 0; round < 600; round++) {
    const at = choose(POLICY.length);
    const piece = PIECES[choose(PIECES.length)] ?? "";
    const text = POLICY.slice(0, at) + piece + POLICY.slice(at + choose(2) * choose(12));
    const { ruleSet, diagnostics, ast, meaning } = parse(text);
    if (ruleSet === undefined) {
      const [first] = diagnostics.filter(({ severity }) => severity === "error");
      assert.ok(first !== undefined && first.span.end <= text.length, text);
      continue;
    }
    accepted++;
    const printed = printRules(ast);
    assert.equal(printRules(parse(printed).ast), printed, text);
    assert.ok(parse(meaning.map(printItem).join("\n")).ruleSet, text);
  }
  assert.ok(accepted > 20, `${accepted} were accepted`);
});
