import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules } from "../../../language/index.ts";
import { vocabulary } from "../../../linux/index.ts";
import { FsRight, LandlockScope, NetRight } from "./abi.ts";
import type { FindPlace } from "./place.ts";
import { type LandlockPlan, planLandlock } from "./plan.ts";

/** What is on the disk of the tests; a link has what it leads to behind it. */
const DISK: Readonly<Record<string, "folder" | "file" | `-> ${string}`>> = {
  "/": "folder",
  "/usr": "folder",
  "/lib": "-> /usr",
  "/etc": "folder",
  "/etc/passwd": "file",
  "/w": "folder",
  "/w/bin": "folder",
  "/proc": "folder",
};

const find: FindPlace = (path) => {
  const found = DISK[path];
  if (found === undefined) return undefined;
  if (found === "folder" || found === "file") return { kind: found, real: path };
  return find(found.slice(3));
};

function plan(lists: string, version = 7, otherwise = "FAIL"): LandlockPlan {
  const text = `policy p { ${lists} otherwise = ${otherwise} }`;
  const { ruleSet, diagnostics } = parseRules([{ name: "t", text }], vocabulary);
  assert.ok(ruleSet, JSON.stringify(diagnostics.map(({ message }) => message)));
  return planLandlock(ruleSet.rules, version, find);
}

/** What decides each rule, by name. */
function holdings({ holdings: all }: LandlockPlan): Record<string, string> {
  return Object.fromEntries([...all].map(([{ name }, { by }]) => [name.slice(2), by]));
}

const granted = ({ layers }: LandlockPlan, right: bigint): string[] =>
  layers.flatMap(({ pathGrants }) =>
    pathGrants.filter(({ rights }) => (rights & right) !== 0n).map(({ place }) => place.real),
  );

/** What decides `read` with these entries, and where it is granted. */
function read(entries: string, rest = ""): [string | undefined, ...string[]] {
  const made = plan(`read { ${entries} } ${rest}`);
  return [holdings(made)["read"], ...granted(made, FsRight.READ_FILE)];
}

test("names and folders are held, links by what they lead to", () => {
  assert.deepEqual(read('"/usr/**", "/etc/passwd"'), ["Landlock", "/usr", "/etc/passwd"]);
  assert.deepEqual(read('"/**"'), ["Landlock", "/"]);
  assert.deepEqual(read('"/lib/**"'), ["Landlock", "/usr"]);
  assert.deepEqual(read(""), ["Landlock"]);
});

test("what Landlock cannot say is granted a little wider, and a rule decides", () => {
  assert.deepEqual(read('"/usr/*/x"'), ["both", "/usr"]);
  assert.deepEqual(read('"/no/such/[ab]/**"'), ["both", "/"]);
  assert.deepEqual(read('"/**", not "/etc/**"'), ["both", "/"]);
  assert.deepEqual(read('"/etc"'), ["both", "/etc"]);
  assert.deepEqual(read('"/proc/self/**"'), ["both", "/proc"]);
});

test("what the command can exchange is not held", () => {
  const write = 'write { "/w/**" }';
  assert.deepEqual(read('"/w/bin/**"', write), ["both", "/w"]);
  assert.deepEqual(read('"/w/**"', write), ["Landlock", "/w"]);
  assert.deepEqual(read('"/w/bin/**", "/w/**"', write), ["Landlock", "/w/bin", "/w"]);
  assert.deepEqual(read('"/**", "/w/bin/**"', write), ["Landlock", "/", "/w/bin"]);
  // it may make it
  assert.deepEqual(read('"/w/new/**"', write), ["both", "/w"]);
  assert.deepEqual(read('"/etc/new"', write), ["Landlock"]);
});

test("names that lead to nothing are reported", () => {
  assert.deepEqual(plan('read { "/usr/**", "/no/**" }').missing, [{ policy: "p", name: "/no" }]);
  // it may be made by opening it
  const write = plan('write { "/w/new" }');
  assert.deepEqual([write.missing, granted(write, FsRight.MAKE_REG)], [[], ["/w"]]);
  assert.equal(holdings(write)["write"], "both");
});

test("each right has its part", () => {
  const made = plan(`read { "/usr/**" } write { "/w/**" } execute { "/usr/**" } attributes { }
    connect { "*:443", "127.0.0.1:80" } listen { 10.0.0.0/8 } unix { }`);
  assert.deepEqual(holdings(made), {
    read: "Landlock",
    write: "Landlock",
    "write.truncate": "Landlock",
    "write.names": "Landlock",
    "write.moves": "Landlock",
    "write.links": "Landlock",
    "write.sockets": "Landlock",
    // files in memory
    execute: "both",
    attributes: "rule",
    connect: "both",
    "connect.sendto": "both",
    "connect.sendmsg": "both",
    "connect.sendmmsg": "both",
    listen: "rule",
    unix: "both",
    "unix.sendto": "both",
    "unix.sendmsg": "both",
  });
  const [layer] = made.layers;
  assert.equal(layer?.ports, NetRight.CONNECT_TCP);
  assert.deepEqual(
    layer?.portGrants.map(({ port }) => port),
    [443, 80],
  );
});

test("abstract sockets of others are held where no entry allows one, from ABI 6 on", () => {
  const held = (lists: string, version = 7) => {
    const made = plan(lists, version);
    return [made.layers[0]?.scopes, holdings(made)["unix"]];
  };
  assert.deepEqual(held("unix { }"), [LandlockScope.ABSTRACT_UNIX_SOCKET, "both"]);
  assert.deepEqual(held('unix { "/run/**", not "@x" }'), [
    LandlockScope.ABSTRACT_UNIX_SOCKET,
    "both",
  ]);
  assert.deepEqual(held('unix { "/run/**", "@x*" }'), [0n, "rule"]);
  assert.deepEqual(held("unix { }", 5), [0n, "rule"]);
  assert.equal(plan('read { "/**" }').layers[0]?.scopes, 0n);
});

test("policies beyond the most layers of Landlock are decided by rules", () => {
  const policies = Array.from(
    { length: 18 },
    (_, i) => `policy p${i} { read { "/usr/**" } otherwise = FAIL }`,
  );
  const { ruleSet } = parseRules([{ name: "t", text: policies.join("\n") }], vocabulary);
  const made = planLandlock(ruleSet?.rules ?? [], 7, find);
  assert.equal(made.layers.length, 16);
  assert.deepEqual(
    [...made.holdings.values()].map(({ by }) => by),
    [...Array.from({ length: 16 }, () => "Landlock"), "rule", "rule"],
  );
});

test("files get no rights of folders, and moving is granted where writing has no list", () => {
  const [layer] = plan('write { "/etc/passwd" }').layers;
  const [grant] = layer?.pathGrants ?? [];
  assert.equal(grant?.rights, FsRight.WRITE_FILE | FsRight.TRUNCATE);
  assert.deepEqual(granted(plan('read { "/usr/**" }'), FsRight.REFER), ["/"]);
  assert.deepEqual(granted(plan('write { "/w/**" }'), FsRight.REFER), ["/w"]);
});

test("kernels and errors that Landlock does not fit leave all to rules", () => {
  for (const version of [0, 1, 2]) {
    const made = plan('read { "/usr/**" }', version);
    assert.deepEqual([made.layers, holdings(made)], [[], { read: "rule" }]);
  }
  assert.equal(plan('connect { "*:443" }', 3).layers[0]?.ports, 0n);
  assert.deepEqual(holdings(plan('read { "/usr/**" }', 7, "FAIL EPERM")), { read: "both" });
  const logged = plan('read { "/usr/**" }', 7, "LOG");
  assert.deepEqual([logged.layers, [...logged.holdings]], [[], []]);
});
