/** The symbolic form of every number that has one, against what strace prints about the same call. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findConstant } from "../../src/linux/constants.ts";
import { dependenceOf, findCall, vocabulary } from "../../src/linux/index.ts";
import { symbolSets } from "../../src/linux/symbol-sets.ts";
import { type Place, testAsEach } from "./sct.ts";

const STRACE = "/usr/bin/strace";
const GETPGID = 121;
/** Numbers of the marks before the calls; no process has them. */
const MARKS = 10_000_000;
const NO_PROCESS = 0x7fff_fff0;

/** They end or stop the caller, act on others, or change what it may do; and newer ones than strace may know. */
const LEFT_OUT = new Set(
  `exit exit_group fork vfork clone clone3 execve rt_sigreturn seccomp ptrace arch_prctl unshare setns prctl pause
  kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo personality restart_syscall close close_range uselib
  munmap mprotect brk dup dup2 dup3 sigaltstack rseq set_robust_list
  cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr
  lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr
  file_getattr file_setattr`.split(/\s+/),
);
/** The same by another name. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  MSG_PROBE: "MSG_PROXY",
  FASYNC: "O_ASYNC",
};
/** Parameters that strace shows in another way, each for a reason. */
const OTHERWISE = new Set([
  // it gives an old name of the same number, or several
  "ioctl cmd",
  // the one flag that means something else there
  "pipe2 flags",
  // a number beside the flags, also if it is 0
  "swapon swap_flags",
  // one of two flags that only timerfd_settime has
  "timerfd_create flags",
]);
const PLAIN = new Set(["fd", "dirfd", "pid", "uid", "gid", "exit_status", "hex", "address"]);

interface Row {
  readonly name: string;
  readonly param: string;
  readonly place: number;
  readonly nr: number;
  readonly args: readonly number[];
}

/** Numbers that are more than choices and flags. */
const SAMPLES: Readonly<Record<string, readonly number[]>> = {
  mode: [0, 0o7, 0o644, 0o4755, 0o100600, 0o177777],
  file_mode: [0, 0o644, 0o4755, 0o100600, 0o20644, 0o170000],
  device: [0, 0x801, 0xfff_01],
  ioprio: [0, 0x4004, 0x6000],
  quotactl: [0x8000_0700, 0x8000_0701],
};

function valuesOf(semantic: string): readonly number[] {
  const set = symbolSets[semantic]?.();
  if (set === undefined) return SAMPLES[semantic] ?? [];
  const names = [...(set.choices ?? []), ...(set.flags ?? [])];
  return [...new Set([0, ...names.map((name) => Number(findConstant(name)))])];
}

/** For each parameter one call for each value that has a name; the others make it fail. */
function makeRows(): Row[] {
  return vocabulary.callNames.flatMap((name) => {
    const call = LEFT_OUT.has(name) ? undefined : findCall(name, "x86_64");
    const params = call?.params ?? [];
    const harmless = params.map(({ type: { kind, semantic = "" } }) =>
      kind === "int" && /^(fd|dirfd)$/.test(semantic) ? -1 : semantic === "pid" ? NO_PROCESS : 0,
    );
    return params.flatMap(({ name: param, type: { kind, semantic = "" } }, place) => {
      if (kind !== "int" || PLAIN.has(semantic) || dependenceOf(semantic) !== undefined) return [];
      if (OTHERWISE.has(`${name} ${param}`)) return [];
      return valuesOf(semantic).map((value) => {
        const args = harmless.map((other, i) => (i === place ? value : other));
        return { name, param, place, nr: call?.nr ?? 0, args };
      });
    });
  });
}

/** Numbers whose meaning another parameter decides. */
const DECIDED: readonly (readonly [name: string, place: number, args: readonly number[]])[] = [
  ["fcntl", 2, [-1, 2, 1]], // F_SETFD
  ["fcntl", 2, [-1, 4, 0o4002]], // F_SETFL
  ["fcntl", 2, [-1, 1033, 3]], // F_ADD_SEALS
  ["fcntl", 2, [-1, 0, 7]], // F_DUPFD
  ["fcntl", 2, [-1, 1, 7]], // F_GETFD looks at no argument
  ["socket", 2, [2, 1, 6]],
  ["socket", 2, [10, 2, 0]],
  ["socket", 2, [16, 3, 12]], // AF_NETLINK, where 12 is no IPPROTO_PUP
  ["socket", 2, [17, 3, 0x300]], // AF_PACKET
  ["socket", 2, [1, 1, 0]],
  ["setsockopt", 2, [-1, 1, 2, 0, 0]],
  ["setsockopt", 2, [-1, 6, 1, 0, 0]],
  ["setsockopt", 2, [-1, 41, 26, 0, 0]],
  ["setsockopt", 2, [-1, 0, 10, 0, 0]],
];

/** Makes each call behind a mark that says which it is, and closes what was opened. */
const PROGRAM = `import ctypes, json, sys
call = ctypes.CDLL(None).syscall
call.restype = ctypes.c_long
long = lambda value: ctypes.c_long(value if value < 2**63 else value - 2**64)
for i, (nr, opens, args) in enumerate(json.load(open(sys.argv[1]))):
    call(long(${GETPGID}), long(${MARKS} + i))
    result = call(long(nr), *map(long, args))
    if opens and result > 2: call(long(3), long(result))
`;
const OPENS =
  /^(socket|epoll_create|eventfd|inotify_init|memfd|timerfd_create|io_uring_setup|userfaultfd|fanotify_init|signalfd|open|pidfd_open|perf_event_open|landlock_create)/;

/** What stands in the parentheses of each marked call, by its mark. */
function read(text: string, rows: readonly Row[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let at = -1;
  for (const line of text.split("\n")) {
    const [, call = "", args = ""] = /^(?:\d+ +)?(\w+)\((.*)$/.exec(line) ?? [];
    if (call === "getpgid") at = Number.parseInt(args, 10) - MARKS;
    else if (call === rows[at]?.name && !found.has(at)) found.set(at, splitArguments(args));
  }
  return found;
}

/** Up to the closing parenthesis; without what strace remarks. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  for (const character of text.replace(/ ?\/\*.*?\*\//g, "")) {
    if (character === "(") depth++;
    if (character === ")" && depth-- === 0) break;
    if (character === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += character;
  }
  return [...parts, part.trim()];
}

function run(place: Place, rows: readonly Row[]): { ours: string; theirs: string } {
  const calls = rows.map(({ name, nr, args }) => [nr, OPENS.test(name), args]);
  const input = join(place.directory, "calls.json");
  writeFileSync(input, JSON.stringify(calls));
  const names = [...new Set(["getpgid", ...rows.map(({ name }) => name)])];
  const command = ["/usr/bin/python3", "-c", PROGRAM, input];
  const traced = join(place.directory, "strace");
  place.plain([STRACE, "-qq", "-o", traced, "-e", `trace=${names.join(",")}`, ...command]);
  const logged = join(place.directory, "sct");
  const rule = `rule { syscall_name = ${names.join(", ")} syscall_match = exact
    action { type = LOG log_format {%sname(%params{symbolic})} } }`;
  place.run(["-e", rule, "-o", logged], command);
  return { ours: readFileSync(logged, "utf8"), theirs: readFileSync(traced, "utf8") };
}

testAsEach("numbers with names are shown as strace shows them", (place, t) => {
  if (place.user.uid === 0) return t.skip("calls that would do something for root");
  if (!existsSync(STRACE)) return t.skip("no strace here");
  const decided = DECIDED.map(([name, place, args]) => {
    const call = findCall(name, "x86_64");
    return { name, place, args, param: call?.params[place]?.name ?? "", nr: call?.nr ?? 0 };
  });
  const rows = [...makeRows(), ...decided];
  assert.ok(rows.length > 1500, `${rows.length} calls`);
  const { ours, theirs } = run(place, rows);
  const [own, other] = [read(ours, rows), read(theirs, rows)];
  assert.equal(own.size, rows.length);
  assert.equal(other.size, rows.length);
  const differences = rows.flatMap(({ name, param, place: at }, i) => {
    const [mine = "", strace = ""] = [own.get(i)?.[at], other.get(i)?.[at]];
    const theirs = strace.replace(/\w+/g, (word) => OTHER_NAMES[word] ?? word);
    // it does not know the name, or leaves the parameter out
    const isOlder = /^(0x)?[0-9a-f]+$|^0x|\|0x/.test(theirs) && /[A-Z]/.test(mine);
    return mine === theirs || isOlder || theirs === ""
      ? []
      : [`${name} ${param}: ${mine}, by strace ${strace}`];
  });
  assert.deepEqual(differences, []);
});
