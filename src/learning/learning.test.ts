/** What is proposed from what was seen: how wide, and that the text means it, whatever names there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRules, runTests } from "../language/index.ts";
import { vocabulary } from "../linux/index.ts";
import {
  addedEntries,
  learnedRuns,
  proposalText,
  propose,
  UseTable,
  withEntries,
  withRuns,
} from "./index.ts";
import type { OneUse } from "./use.ts";

const HOME = "/home/me";
const of = { call: "openat", program: "cc" } as const;

function tableOf(uses: readonly (Partial<OneUse> & Pick<OneUse, "name">)[]): UseTable {
  const table = new UseTable();
  for (const use of uses) table.add({ right: "read", ...of, ...use });
  return table;
}

/** Entries of a list. */
function entries(right: string, uses: Parameters<typeof tableOf>[0]): readonly string[] {
  const { lists } = propose(tableOf(uses).all(), { home: HOME });
  return lists.find((list) => list.right === right)?.entries.map(({ text }) => text) ?? [];
}

const text = (table: UseTable): string =>
  proposalText(propose(table.all(), { home: HOME }), {
    command: "make",
    date: "2026-12-01",
    home: HOME,
  });

const names = (folder: string, count: number): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${folder}/f${i}` }));

test("few names stay as they are", () => {
  assert.deepEqual(entries("read", names("/srv/app", 3)), [
    "/srv/app/f0",
    "/srv/app/f1",
    "/srv/app/f2",
  ]);
});

test("many names become the folder that they are in, and no wider one", () => {
  const uses = [
    ...names("/usr/include/a", 20),
    ...names("/usr/include/b", 2),
    { name: "/etc/hosts" },
  ];
  assert.deepEqual(entries("read", uses), [
    "/etc/hosts",
    "/usr/include/a/**",
    "/usr/include/b/f0",
    "/usr/include/b/f1",
  ]);
});

test("folders of everybody never stand for what is below, however many names there are", () => {
  for (const folder of [
    "",
    "/usr",
    "/etc",
    "/tmp",
    "/home",
    HOME,
    "/home/you",
    "/root",
    `${HOME}/.config`,
    "/proc/1",
  ]) {
    const found = entries("read", names(folder, 60));
    assert.ok(
      found.every((one) => !one.endsWith("**")),
      `${folder}: ${found[0]}`,
    );
  }
  // two names are no evidence of a folder, whatever the list may have
  const pairs = Array.from({ length: 30 }, (_, i) => names(`/srv${i}`, 2)).flat();
  assert.equal(entries("read", pairs).length, 60);
});

test("what a command makes itself is its own, with the folder", () => {
  const made = { right: "write", call: "mkdir", isNamed: true } as const;
  const uses = [
    { name: "/srv/out", ...made },
    ...names("/srv/out", 3).map((use) => ({ ...made, ...use, call: "openat" })),
  ];
  assert.deepEqual(entries("write", uses), ["/srv/out{,/**}"]);
  assert.deepEqual(entries("write", uses.slice(0, 3)), [
    "/srv/out/f0{,}",
    "/srv/out/f1{,}",
    "/srv/out{,}",
  ]);
});

test("names that differ from run to run are patterns", () => {
  const of = (name: string): readonly string[] =>
    entries("write", [{ name, right: "write", call: "unlink", isNamed: true }]);
  assert.deepEqual(of("/tmp/ccAbCdEf.s"), ["/tmp/cc*.s"]);
  assert.deepEqual(of("/tmp/tmpab12_x9z"), ["/tmp/tmp*"]);
  assert.deepEqual(of("/tmp/vsajyuby"), ["/tmp/????????"]);
  // a name that looks like a number of a process
  assert.deepEqual(of("/tmp/2985re9_"), ["/tmp/????????"]);
  assert.deepEqual(of("/srv/a/x.pyc.140234567890"), ["/srv/a/x.pyc.*"]);
  assert.deepEqual(of("/srv/l/2026-12-01T01_15_30_046Z-debug-0.log"), ["/srv/l/*-debug-0.log"]);
  assert.deepEqual(of(`/srv/o/${"0a".repeat(20)}`), [`/srv/o/${"0a".repeat(20)}{,}`]);
  assert.deepEqual(entries("read", [{ name: "/proc/4242/maps" }, { name: "/proc/43/maps" }]), [
    "/proc/[0-9]*/maps",
  ]);
  assert.deepEqual(entries("read", [{ name: "/sys/fs/cgroup/user.slice/a.scope/memory.max" }]), [
    "/sys/fs/cgroup/**/memory.max",
  ]);
});

test("credentials are reported and not proposed, and start files where they are written", () => {
  const credentials = [
    ...["/home/me/.ssh/id_ed25519", "/home/you/.aws/credentials", "/root/.npmrc", "/etc/shadow"],
    ...["/srv/app/.env", "/srv/app/tls/server.pem", "/home/me/.config/gh/hosts.yml"],
  ];
  const proposal = propose(
    tableOf([
      ...credentials.map((name) => ({ name })),
      { name: "/home/me/.bashrc", right: "write" },
      { name: "/home/me/.profile" },
      { name: "/srv/app/node_modules/a/test/cert.pem" },
    ]).all(),
    { home: HOME },
  );
  const left = proposal.notProposed.map(({ use, why }) => [use.name, why]);
  assert.deepEqual(
    left.toSorted(),
    [
      ...credentials.map((name) => [name, "credentials"]),
      ["/home/me/.bashrc", "start files"],
    ].toSorted(),
  );
  const shown = proposal.lists.flatMap((list) => list.entries.map((entry) => entry.text));
  assert.deepEqual(shown, ["/home/me/.profile", "/srv/app/node_modules/a/test/cert.pem"]);
});

test("a folder takes credentials in it away, and gives back what only looks like them", () => {
  const table = tableOf([
    ...names("/srv/app/src", 20),
    { name: "/srv/app/node_modules/a/cert.pem" },
  ]);
  const { ruleSet } = parseRules([{ name: "t", text: `${text(table)}${TESTS}` }], vocabulary);
  assert.ok(ruleSet);
  assert.deepEqual(failed(ruleSet), []);
});

const TESTS = `
test "a" { call open("/srv/app/src/.env", O_RDONLY) expect LOG by learned.read }
test "b" { call open("/srv/app/node_modules/a/cert.pem", O_RDONLY) expect nothing }
test "c" { call open("/srv/app/src/other", O_RDONLY) expect nothing }`;

function failed(ruleSet: NonNullable<ReturnType<typeof parseRules>["ruleSet"]>): string[] {
  const results = runTests(ruleSet, vocabulary, () => "");
  assert.ok(results.length > 0);
  return results.filter(({ passed }) => !passed).map(({ test: { title } }) => title);
}

test("whatever names there are, the proposal is good and allows what was seen", () => {
  const part = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((bytes) => Buffer.from(bytes).toString("latin1").replace(/[/\0]/g, "_"))
    .filter((one) => one !== "." && one !== "..");
  const hostile = fc.constantFrom(
    '"',
    "\n",
    "*",
    "[",
    "]{",
    "}",
    "\\",
    "?",
    "#",
    "/*",
    "\xff\xfe",
    "'",
    "ö",
  );
  const name = fc
    .array(
      fc.oneof(
        part,
        hostile.map((one) => one.replace("/", "-")),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => `/${parts.join("/")}`);
  const right = fc.constantFrom("read", "write", "execute", "attributes", "unix");
  const use = fc.record({
    name,
    right,
    isNamed: fc.boolean(),
    call: fc.constantFrom("mkdir", "openat"),
  });
  fc.assert(
    fc.property(fc.array(use, { minLength: 1, maxLength: 40 }), (uses) => {
      const table = new UseTable();
      for (const one of uses)
        table.add({
          ...one,
          right: one.right as OneUse["right"],
          program: '"\n}',
          isNamed: one.isNamed && one.right === "write",
        });
      const { ruleSet, diagnostics } = parseRules([{ name: "t", text: text(table) }], vocabulary);
      assert.ok(ruleSet, JSON.stringify(diagnostics.map(({ message }) => message)));
      assert.deepEqual(failed(ruleSet), []);
    }),
    { numRuns: 200 },
  );
});

test("names of 4095 bytes are proposed, longer ones are reported", () => {
  const long = (bytes: number): string => `/srv/${"x".repeat(bytes - 5)}`;
  assert.deepEqual(entries("read", [{ name: long(4095) }]), [long(4095)]);
  const { notProposed } = propose(tableOf([{ name: long(4096) }]).all(), { home: HOME });
  assert.equal(notProposed.length, 1);
  const deep = `/srv${"/a".repeat(2000)}`;
  assert.deepEqual(entries("read", [{ name: deep }]), [deep]);
});

test("addresses of a port become the port only where there are too many", () => {
  const to = (count: number): readonly string[] =>
    entries(
      "connect",
      Array.from({ length: count }, (_, i) => ({
        name: `10.0.0.${i}:443`,
        right: "connect" as const,
      })),
    );
  assert.deepEqual(to(2), ["10.0.0.0:443", "10.0.0.1:443"]);
  assert.deepEqual(to(9), ["*:443"]);
});

const OWN = `# mine
policy p {
  read { "/srv/**", not "/srv/secret/**" }  # all of it
  write { }
  otherwise = LOG
}
`;

test("what a policy lacks is added at the end of its lists, and nothing that it takes away", () => {
  const file = { name: "t", text: OWN };
  const { ruleSet } = parseRules([file], vocabulary);
  const parts = ruleSet?.rules.flatMap(({ policy }) => policy ?? []) ?? [];
  const table = tableOf([
    { name: "/opt/a" },
    { name: "/srv/b" },
    { name: "/srv/secret/c" },
    { name: "/srv/d", right: "write" },
  ]);
  const { entries: added, notProposed } = addedEntries(parts, table.all(), HOME);
  assert.deepEqual(
    notProposed.map(({ use }) => use.name),
    ["/srv/secret/c"],
  );
  const whole = withRuns(withEntries(OWN, file, added), { runs: 2, silent: 0 });
  assert.equal(
    whole,
    `# learned by \`sct learn\`: 2 runs, nothing new in the last 0
# mine
policy p {
  read { "/srv/**", not "/srv/secret/**",
    "/opt/a",  # 1 call by cc
  }  # all of it
  write {
    "/srv/d",  # 1 call by cc
  }
  otherwise = LOG
}
`,
  );
  assert.ok(parseRules([{ name: "t", text: whole }], vocabulary).ruleSet);
  assert.deepEqual(learnedRuns(whole), { runs: 2, silent: 0 });
});
