import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CallSetup, verdictOf } from "../testing/expect.ts";

type Row = readonly [
  filter: string,
  setup: CallSetup,
  verdict: "match" | "no match" | "unreadable",
];

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    for (const [filter, setup, expected] of rows) {
      test(`${filter} → ${expected}`, () => assert.equal(verdictOf(filter, setup), expected));
    }
  });
}

const root: CallSetup = { args: ["/etc/passwd"], variables: { UID: 0n, COMM: "rm" } };

table("evaluate() classic filters", [
  ['PARAMS[1]=="/etc/passwd" && UID == 0', root, "match"],
  ['PARAMS[1]=="/etc/passwd" && UID == 1', root, "no match"],
  ['PARAMS[1] != "/etc/passwd"', root, "no match"],
  ['PARAMS[1] < "/etc/passwe"', root, "match"],
  ['PARAMS[1] >= "/etc/passwd"', root, "match"],
  ['"/etc/passwd" == PARAMS[1]', root, "match"],
  ['"/etc" < PARAMS[1]', root, "match"],
  ["UID", root, "no match"],
  ["!UID", root, "match"],
]);

table("evaluate() string tests", [
  ['PARAMS[1] startswith "/etc/"', root, "match"],
  ['PARAMS[1] endswith "passwd"', root, "match"],
  ['PARAMS[1] endswith "/a/very/long/suffix"', root, "no match"],
  ['PARAMS[1] contains "c/p"', root, "match"],
  ['PARAMS[1] contains ""', root, "match"],
  ['PARAMS[1] icontains "ETC"', root, "match"],
  ['PARAMS[1] matches "/*/pass*"', root, "match"],
  ['PARAMS[1] matches "/*"', root, "no match"],
  ['PARAMS[1] =~ "^/etc/p.s+wd$"', root, "match"],
  ['PARAMS[1] !~ "shadow"', root, "match"],
  ['PARAMS[1] =~ "\\.so$"', { args: ["/lib/x.so"] }, "match"],
  ['PARAMS[1] =~ "\\.so$"', { args: ["/lib/xxso"] }, "no match"],
  ['PARAMS[1] in ("/etc/shadow", "/etc/passwd")', root, "match"],
  ['PARAMS[1] not in ("/etc/shadow", "/etc/passwd")', root, "no match"],
  ['COMM in ("cp", "mv")', root, "no match"],
  ["PATH == PARAMS[1]", root, "match"],
]);

table("evaluate() PATH", [
  ['PATH[1] == "/etc/passwd"', { args: ["./passwd"], variables: { CWD: "/etc" } }, "match"],
  ['PATH[1] == "/etc/passwd"', { args: ["../etc//./passwd"], variables: { CWD: "/tmp" } }, "match"],
  ['PATH[1] == "/etc/passwd"', { args: ["x"], variables: { "PATH[1]": "/etc/passwd" } }, "match"],
  ['PATH == "/etc/passwd"', { args: [null] }, "no match"],
  ['PATH == "/x"', { args: [0x1234n] }, "unreadable"],
]);

/** A call that the kernel refuses over its path, and nobody could read its other text. */
const refused: CallSetup = {
  args: ["x"],
  variables: { UID: 5n },
  adapt: (view) => ({ ...view, path: () => "refused", readString: () => undefined }),
};

table("evaluate() a path that the kernel refuses is no match, however the condition is written", [
  ['PATH == "/x"', refused, "no match"],
  ['PATH != "/x"', refused, "no match"],
  ['!(PATH startswith "/x")', refused, "no match"],
  ['PATH == "/x" || !(PATH in ("/y"))', refused, "no match"],
  ['PARAMS[1] == "y" || PATH == "/x"', refused, "no match"],
  ['(PATH == "/x") + 1 == 2', refused, "no match"],
  ['PATH == "/x" || UID == 5', refused, "match"],
  ['PATH == "/x" && UID == 6', refused, "no match"],
  ['PARAMS[1] == "y"', refused, "unreadable"],
]);

const u64max = 0xffff_ffff_ffff_ffffn;
table("evaluate() integers", [
  ["1 + 2 * 3 == 7", {}, "match"],
  ["UID - 1 < 0", { variables: { UID: 0n } }, "match"],
  ["UID == -1", { variables: { UID: 0xffff_ffffn } }, "match"],
  ["UID in (-1, 5)", { variables: { UID: 0xffff_ffffn } }, "match"],
  ["UID in 1000..1999", { variables: { UID: 1500n } }, "match"],
  ["UID in 1000..1999", { variables: { UID: 2000n } }, "no match"],
  ["UID not in (0, 1000..1999)", { variables: { UID: 7n } }, "match"],
  ["PARAMS[1] == AT_FDCWD", { call: "openat", args: [-100n] }, "match"],
  ["PARAMS[1] < 0", { call: "openat", args: [-100n] }, "match"],
  ["PARAMS[1] == 0x1ffffffff", { call: "setuid", args: [u64max] }, "no match"],
  ["PARAMS[1] == 0xffffffff", { call: "setuid", args: [u64max] }, "match"],
  ["(PARAMS[2] & O_CREAT) != 0", { call: "open", args: ["x", 0o101n] }, "match"],
  ["PARAMS[2] & O_CREAT", { call: "open", args: ["x", 1n] }, "no match"],
  ["PARAMS[3] == 0644", { call: "open", args: ["x", 0n, 0o644n] }, "match"],
  ["PARAMS[3] > 0x7fffffffffffffff", { call: "write", args: [1n, "x", u64max] }, "match"],
  ["PARAMS[3] == -1", { call: "write", args: [1n, "x", u64max] }, "match"],
  ["PARAMS[2] < 0", { call: "ptrace", args: [0n, -1n] }, "match"],
  ["-7 / 2 == -3 && -7 % 2 == -1", {}, "match"],
  ["UID - 7 == -7 && (UID - 7) / 2 == -3", {}, "match"],
  ["1 << 65 == 2", {}, "match"],
  ["-8 >> 1 == -4", {}, "match"],
  ["(UID == 0) + (GID == 0) == 2", {}, "match"],
  ["RETVAL == -2", { retval: -2n }, "match"],
  ["~UID == -1", {}, "match"],
  ["!~UID", {}, "no match"],
  ["'a' == 0x61 && 4K == 4096 && 0b101 == 5 && 0o17 == 15", {}, "match"],
  ["1 ^ 3 | 4 & 6 == 6 || 1", {}, "match"],
]);

table("evaluate() three values", [
  ["10 / UID == 0", {}, "no match"],
  ["!(10 / UID == 0)", {}, "match"],
  ["10 % UID", {}, "no match"],
  ['PARAMS[1] == "x"', { args: [null] }, "no match"],
  ['PARAMS[1] != "x"', { args: [null] }, "no match"],
  ["PARAMS[1] == NULL", { args: [null] }, "match"],
  ['PARAMS[1] == "x"', { args: [0xdead_0000n] }, "unreadable"],
  ['!(PARAMS[1] == "x")', { args: [0xdead_0000n] }, "unreadable"],
  ['PARAMS[1] == "x" && UID == 1', { args: [0xdead_0000n] }, "no match"],
  ['PARAMS[1] == "x" && UID == 0', { args: [0xdead_0000n] }, "unreadable"],
  ['PARAMS[1] == "x" || UID == 0', { args: [0xdead_0000n] }, "match"],
  ['(PARAMS[1] == "x") == 0', { args: [0xdead_0000n] }, "unreadable"],
  ['PARAMS[1] startswith "a"', { args: ["a".repeat(4097)] }, "unreadable"],
  ['PARAMS[1] startswith "a"', { args: ["a".repeat(4096)] }, "match"],
  ['descends_from("sshd")', { variables: { PCOMM: "sshd" } }, "match"],
  ["descends_from(1)", { variables: { PPID: 1n } }, "match"],
  ["UID == 0", { adapt: (view) => ({ ...view, intVariable: () => undefined }) }, "unreadable"],
]);

const address4 = Uint8Array.of(2, 0, 0, 22, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0);
const address6 = Uint8Array.of(10, 0, 0, 22, 0, 0, 0, 0, 0xfe, 0x80, ...new Array(13).fill(0), 1);
const mapped = Uint8Array.of(
  10,
  0,
  0,
  22,
  0,
  0,
  0,
  0,
  ...new Array(10).fill(0),
  255,
  255,
  10,
  1,
  2,
  3,
);
const to = (sockaddr: Uint8Array): CallSetup => ({ call: "connect", args: [3n, sockaddr, 16n] });

table("evaluate() structs and networks", [
  ["PARAMS[2].sin_port == 22", to(address4), "match"],
  ["PARAMS[2].sa_family == AF_INET", to(address4), "match"],
  ["PARAMS[2].addr in 10.0.0.0/8", to(address4), "match"],
  ["PARAMS[2].addr in (192.168.0.0/16, 10.1.2.0/24)", to(address4), "match"],
  ["PARAMS[2].addr == 10.1.2.3", to(address4), "match"],
  ["PARAMS[2].sin_addr == 10.1.2.3", to(address4), "match"],
  ["PARAMS[2].sin_addr == 0x0a010203", to(address4), "match"],
  ["(PARAMS[2].sin_addr & 0xff) == 3", to(address4), "match"],
  ["PARAMS[2].addr != 10.1.2.3", to(address4), "no match"],
  ["PARAMS[2].addr in 11.0.0.0/8", to(address4), "no match"],
  ["PARAMS[2].addr in fe80::/10", to(address6), "match"],
  ["PARAMS[2].addr in fe80::/10", to(address4), "no match"],
  ["PARAMS[2].addr in 0.0.0.0/0", to(address6), "no match"],
  ["PARAMS[2].addr in 10.0.0.0/8", to(mapped), "match"],
  ["PARAMS[2].sin_port == 22", { call: "connect", args: [3n, null] }, "unreadable"],
  ["PARAMS[2] == NULL", { call: "connect", args: [3n, null] }, "match"],
]);

table("evaluate() buffers, arguments, environment", [
  ['PARAMS[2] contains "root:"', { call: "write", args: [1n, "a root:x", 8n] }, "match"],
  ['PARAMS[2] contains "root:"', { call: "write", args: [1n, "a root:x", 5n] }, "no match"],
  ['PARAMS[2] == "ab"', { call: "write", args: [1n, "ab", 5000n] }, "unreadable"],
  [
    'ARGV[1] == "-c"',
    { call: "execve", args: ["/bin/sh"], variables: { "ARGV[0]": "sh", "ARGV[1]": "-c" } },
    "match",
  ],
  ['ARGV[9] == "-c"', { call: "execve", args: ["/bin/sh"] }, "no match"],
  [
    'ARGV contains "sh -c"',
    { call: "execve", args: [], variables: { "ARGV[0]": "sh", "ARGV[1]": "-c" } },
    "match",
  ],
  [
    'ENVP["HOME"] == "/root"',
    { call: "execve", args: [], variables: { "ENVP[HOME]": "/root" } },
    "match",
  ],
]);
