/**
 * What the compiler makes of one construct each: its part of the program, in test/listings. UPDATE_GOLDEN=1 writes the
 * files; read what changed. The same rules are run, so that no listing shows code that decides wrongly.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { disassemble } from "../bpf/asm/index.ts";
import type { CompiledProgram } from "./programs/attachment.ts";
import { KERNEL_FACTS } from "./testing/kernel-facts.ts";
import { partOfListing } from "./testing/listing.ts";
import { MACHINES } from "./testing/machines.ts";
import { OpenFileMode, OpenFileObjects, type SimulatedFile } from "./testing/open-files.ts";
import { checked } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";
import { inet6Address, inetAddress, unixAddress, words } from "./testing/structs.ts";

const MOST_INSTRUCTIONS = 40;
const EACCES = -13n;
const isUpdate = process.env["UPDATE_GOLDEN"] === "1" && process.env["CI"] === undefined;

type Args = NonNullable<SimulatedCall["args"]>;

interface Sample {
  readonly name: string;
  /** The call, its number on x86_64, and what the rule says of it. */
  readonly call: string;
  readonly nr: number;
  /** Name that the rule has for it, with its variants. */
  readonly as?: string;
  /** Filter, or more of the rule. */
  readonly filter?: string;
  readonly more?: string;
  /** Filters of further rules, which share code with the first. */
  readonly alike?: readonly string[];
  /** Labels without numbers: where the part begins and where it ends. */
  readonly from?: string;
  readonly to?: string;
  readonly caller?: ConstructorParameters<typeof Simulation>[3];
  /** What the caller has open. */
  readonly files?: ReadonlyMap<number, SimulatedFile>;
  /** Parameters of calls that are denied. */
  readonly denied: readonly Args[];
  readonly made: readonly Args[];
  /** Whose calls are all made. */
  readonly other?: Sample["caller"];
}

const kill = { call: "kill", nr: 62 };
const connect = { call: "connect", nr: 42 };
const write = { call: "write", nr: 1 };
const mkdir = { call: "mkdir", nr: 83 };
const LOCAL = { family: 2, state: 1, address: "7f000001" };
const OPEN_FILES: ReadonlyMap<number, SimulatedFile> = new Map<number, SimulatedFile>([
  [3, { name: "socket:[1]", mode: OpenFileMode.socket, socket: { ...LOCAL, port: 8080 } }],
  [4, { name: "socket:[2]", mode: OpenFileMode.socket, socket: { ...LOCAL, port: 8081 } }],
  [5, { name: "/tmp/x" }],
]);
const ROOT = { ids: { uid: 0 } };

const SAMPLES: readonly Sample[] = [
  {
    ...kill,
    name: "compare-signed",
    filter: "PARAMS[1] < -1",
    denied: [
      [-2, 9],
      [0xffff_fffen, 9],
    ],
    made: [
      [-1, 9],
      [0, 9],
    ],
  },
  {
    call: "munmap",
    nr: 11,
    name: "compare-unsigned",
    filter: "PARAMS[2] > 0x1000",
    denied: [
      [0, 0x1001],
      [0, -1],
    ],
    made: [[0, 0x1000]],
  },
  {
    ...kill,
    name: "ranges",
    filter: "PARAMS[2] in (1..3, 9)",
    denied: [
      [1, 1],
      [1, 3],
      [1, 9],
    ],
    made: [
      [1, 0],
      [1, 4],
      [1, 10],
      [1, -9],
    ],
  },
  {
    ...kill,
    name: "truth",
    filter: "PARAMS[2]",
    denied: [
      [1, 1],
      [1, -1],
    ],
    made: [[1, 0]],
  },
  {
    ...mkdir,
    name: "bits",
    filter: "PARAMS[2] & 0022",
    denied: [
      ["/d", 0o20],
      ["/d", 0o777],
    ],
    made: [["/d", 0o755]],
  },
  {
    ...kill,
    name: "and",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    denied: [[1, 9]],
    made: [
      [1, 8],
      [2, 9],
    ],
  },
  {
    ...kill,
    name: "or",
    filter: "PARAMS[1] == 1 || PARAMS[2] == 9",
    denied: [
      [1, 8],
      [2, 9],
    ],
    made: [[2, 8]],
  },
  {
    ...kill,
    name: "not",
    filter: "!(PARAMS[1] == 1 || PARAMS[2] == 9)",
    denied: [[2, 8]],
    made: [
      [1, 8],
      [2, 9],
    ],
  },
  {
    ...kill,
    name: "division",
    filter: "PARAMS[1] / PARAMS[2] == -3",
    denied: [
      [-7, 2],
      [7, -2],
    ],
    made: [
      [7, 2],
      [7, 0],
      [-8, 2],
    ],
  },
  {
    ...kill,
    name: "remainder",
    filter: "PARAMS[1] % PARAMS[2] == -1",
    denied: [
      [-7, 2],
      [-7, -2],
    ],
    made: [
      [7, 2],
      [7, 0],
    ],
  },
  {
    ...kill,
    name: "shift",
    filter: "1 << PARAMS[2] == 512",
    denied: [[1, 9]],
    made: [
      [1, 8],
      [1, 64 + 10],
    ],
  },
  {
    ...kill,
    name: "variable",
    filter: "UID != 0",
    caller: { ids: { uid: 7 } },
    other: ROOT,
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "variables",
    filter: "UID == EUID",
    caller: ROOT,
    other: { ids: { uid: 0, euid: 1 } },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "parent",
    filter: "PPID == 4000",
    caller: { ppid: 4000 },
    other: { ppid: 4001 },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "ancestor",
    filter: 'descends_from("sshd")',
    caller: { pcomm: "sshd" },
    other: { pcomm: "cron" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "mount-namespace",
    filter: "MNTNS != 4026531841",
    caller: { mntns: 4026532001 },
    other: {},
    denied: [[1, 9]],
    made: [],
  },
  {
    ...kill,
    name: "thread-name",
    filter: 'COMM startswith "ab"',
    caller: { comm: "abc" },
    other: { comm: "bab" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...mkdir,
    name: "text",
    filter: 'PARAMS[1] == "/x"',
    denied: [["/x", 0]],
    made: [
      ["/y", 0],
      ["/xx", 0],
    ],
  },
  {
    ...mkdir,
    name: "text-end",
    filter: 'PARAMS[1] endswith "/x"',
    denied: [
      ["/x", 0],
      ["/y/x", 0],
    ],
    made: [
      ["x", 0],
      ["/x/", 0],
    ],
  },
  {
    ...mkdir,
    name: "regex",
    filter: 'PARAMS[1] =~ "^/x|y\\.[0-9]+$"',
    denied: [
      ["/x", 0],
      ["/xa", 0],
      ["/y.12", 0],
    ],
    made: [
      ["a/x", 0],
      ["/y.12a", 0],
      ["/yy12", 0],
      ["", 0],
    ],
  },
  {
    ...mkdir,
    name: "not-regex",
    filter: 'PARAMS[1] !~ ("^/x", "(?i)Y")',
    denied: [
      ["/a", 0],
      ["a/x", 0],
    ],
    made: [
      ["/x", 0],
      ["/ay", 0],
      ["/xY", 0],
    ],
  },
  {
    ...kill,
    name: "same-name",
    filter: "COMM == PCOMM",
    caller: { comm: "sh", pcomm: "sh" },
    other: { comm: "sh", pcomm: "sha" },
    denied: [[1, 9]],
    made: [],
  },
  {
    ...mkdir,
    name: "two-texts",
    filter: "PARAMS[1] >= COMM",
    caller: { comm: "b" },
    other: { comm: "c" },
    denied: [
      ["b", 0],
      ["ba", 0],
      ["bzz", 0],
    ],
    made: [
      ["", 0],
      ["a", 0],
    ],
  },
  {
    call: "prctl",
    nr: 157,
    name: "string-by-command",
    filter: 'PARAMS[1] == PR_SET_NAME && PARAMS[2] == "x"',
    denied: [[15, "x"]],
    made: [
      [15, "y"],
      [16, "x"],
      [1, 9],
    ],
  },
  {
    call: "unlinkat",
    nr: 263,
    as: "unlink",
    name: "guard",
    denied: [[-100, "/x", 0]],
    made: [[-100, "/x", 0x200]],
  },
  {
    ...connect,
    name: "member",
    filter: "PARAMS[2].sin_port == 443",
    denied: [[3, inetAddress("0a000001", 443), 16]],
    made: [
      [3, inetAddress("0a000001", 80), 16],
      [3, inetAddress("0a000001", 0xbb01), 16],
    ],
  },
  {
    call: "openat2",
    nr: 437,
    name: "member-wide",
    filter: "PARAMS[3].flags & O_CREAT",
    denied: [[-100, "/x", words([0o101, 0, 0]), 24]],
    made: [[-100, "/x", words([0o1, 0o100, 0o100]), 24]],
  },
  {
    call: "poll",
    nr: 7,
    name: "member-signed",
    filter: "PARAMS[1].events < 0",
    denied: [[words([0x8000n << 32n]), 1, 0]],
    made: [[words([(0x7fffn << 32n) | (0x8000n << 48n)]), 1, 0]],
  },
  {
    call: "fcntl",
    nr: 72,
    name: "member-by-command",
    filter: "PARAMS[3].l_type == F_WRLCK",
    denied: [
      [3, 6, words([1])],
      [3, 37, words([1])],
    ],
    made: [
      [3, 6, words([0])],
      [3, 4, words([1])],
      [3, 1030, 1],
    ],
  },
  {
    ...connect,
    name: "network",
    filter: "PARAMS[2].addr in 10.0.0.0/8",
    to: "undecided",
    denied: [
      [3, inetAddress("0aff0001", 80), 16],
      [3, inet6Address("00000000000000000000ffff0a000001", 80), 28],
    ],
    made: [
      [3, inetAddress("0b000001", 80), 16],
      [3, inet6Address("00000000000000000000ffff0b000001", 80), 28],
      [3, inet6Address("00000000000000000000fffe0a000001", 80), 28],
      [3, unixAddress("\n\n\n\n"), 110],
    ],
  },
  {
    ...connect,
    name: "network-ipv6",
    filter: "PARAMS[2].sin6_addr in fe80::/10",
    denied: [[3, inet6Address("febf0000000000000000000000000001", 80), 28]],
    made: [
      [3, inet6Address("fec00000000000000000000000000001", 80), 28],
      [3, inetAddress("fe800000", 80), 16],
    ],
  },
  {
    ...write,
    name: "descriptor-port",
    filter: "FD[1].port == 8080",
    files: OPEN_FILES,
    denied: [[3, "x", 1]],
    made: [
      [4, "x", 1],
      [5, "x", 1],
      [6, "x", 1],
    ],
  },
  {
    ...write,
    name: "descriptor-address",
    filter: "FD[1].addr in 127.0.0.0/8",
    files: OPEN_FILES,
    denied: [
      [3, "x", 1],
      [4, "x", 1],
    ],
    made: [
      [5, "x", 1],
      [6, "x", 1],
    ],
  },
  {
    ...connect,
    name: "networks",
    filter: "PARAMS[2].sin_addr in (10.0.0.0/8, 192.168.1.1)",
    denied: [
      [3, inetAddress("0a000001", 80), 16],
      [3, inetAddress("c0a80101", 80), 16],
    ],
    made: [[3, inetAddress("c0a80102", 80), 16]],
  },
  {
    ...connect,
    name: "member-text",
    filter: 'PARAMS[2].sun_path == "/x"',
    from: "area",
    to: "string_counted",
    denied: [[3, unixAddress("/x"), 110]],
    made: [
      [3, unixAddress("/xx"), 110],
      [3, unixAddress(""), 110],
    ],
  },
  {
    call: "write",
    nr: 1,
    name: "buffer",
    filter: 'PARAMS[2] startswith "key"',
    from: "area",
    to: "buffer_empty",
    denied: [
      [1, "key", 3],
      [1, "keys", 4],
    ],
    made: [
      [1, "key", 2],
      [1, "xkey", 4],
    ],
  },
  {
    call: "execve",
    nr: 59,
    name: "list",
    filter: 'ARGV[1] == "-x"',
    from: "list_take",
    to: "list_full",
    denied: [["/bin/x", { list: ["x", "-x"] }, 0]],
    made: [
      ["/bin/x", { list: ["x"] }, 0],
      ["/bin/x", { list: ["-x", "x"] }, 0],
    ],
  },
  {
    ...mkdir,
    name: "alike",
    filter: 'PARAMS[1] == "/a" && PARAMS[2] == 1',
    alike: ['PARAMS[1] == "/b" && PARAMS[2] == 2'],
    from: "bundle_from",
    to: "scan_rows",
    denied: [
      ["/a", 1],
      ["/b", 2],
    ],
    made: [
      ["/a", 2],
      ["/c", 1],
    ],
  },
  {
    ...mkdir,
    name: "alike-text",
    filter: 'PARAMS[1] == "/a"',
    alike: ['PARAMS[1] startswith "/b"'],
    from: "group_walk_step",
    to: "group_walk_step_stop",
    denied: [["/a"], ["/b"], ["/bc"]],
    made: [["/ac"], ["/"]],
  },
  {
    ...kill,
    name: "alike-choice",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    alike: ["PARAMS[1] == 2 && PARAMS[2] in (10..19)"],
    from: "scan_rows",
    to: "other_group",
    denied: [
      [1, 9],
      [2, 10],
      [2, 19],
    ],
    made: [
      [1, 10],
      [2, 9],
      [2, 20],
    ],
  },
  {
    ...kill,
    name: "alike-row",
    filter: "PARAMS[1] == 1 && PARAMS[2] == 9",
    alike: ["PARAMS[1] == 2 && PARAMS[2] in (10, 11)"],
    from: "group_scan2_step",
    to: "group_scan2_step_other",
    denied: [
      [1, 9],
      [2, 11],
    ],
    made: [
      [1, 10],
      [3, 9],
    ],
  },
  { ...kill, name: "deny", from: "reported", to: "decided", denied: [[1, 9]], made: [] },
  {
    ...kill,
    name: "limit",
    more: "limit = 1/min",
    from: "limit_counting",
    to: "limit_fresh",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [],
  },
  {
    ...kill,
    name: "occurrence",
    more: "occurrence = 1..2",
    from: "frequency",
    to: "takes",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [[1, 9]],
  },
  {
    ...kill,
    name: "occurrence-steps",
    more: "occurrence = 1+70000",
    from: "frequency",
    to: "takes",
    denied: [[1, 9]],
    made: [
      [1, 9],
      [1, 9],
    ],
  },
  {
    ...kill,
    name: "count-per-thread",
    more: "occurrence = 1 per tid",
    from: "frequency",
    to: "count_found",
    denied: [[1, 9]],
    made: [[1, 9]],
  },
  {
    ...kill,
    name: "threshold",
    more: "threshold = 1/10s",
    from: "threshold_count",
    to: "threshold_written",
    denied: [
      [1, 9],
      [1, 9],
    ],
    made: [],
  },
  {
    ...kill,
    name: "chance",
    more: "chance = 100%",
    from: "frequency",
    to: "takes",
    denied: [[1, 9]],
    made: [],
  },
];

for (const sample of SAMPLES) {
  const { name, call, nr } = sample;
  const text = ruleOf(sample);
  const options = { groupsFrom: sample.alike === undefined ? Number.POSITIVE_INFINITY : 2 };
  const simulation = new Simulation(checked(text), MACHINES.modifies, options, sample.caller);
  const { kernel, objects } = simulation;
  if (sample.files !== undefined)
    new OpenFileObjects(kernel.memory, KERNEL_FACTS, objects).open(kernel.task, sample.files);
  test(`listing of ${name}`, () => {
    const program = simulation.compiled.programs.find(isEntryOf(call));
    assert.ok(program);
    const { from = "rule0", to = "matched" } = sample;
    const part = partOfListing(disassemble(program.code), from, to);
    const listing = `${text}\n\n${part.text}`;
    const file = new URL(`../../test/listings/${name}.txt`, import.meta.url);
    if (isUpdate) writeFileSync(file, listing);
    assert.equal(listing, readFileSync(file, "utf8"));
    assert.ok(part.instructions <= MOST_INSTRUCTIONS, `${part.instructions} instructions`);
  });

  test(`the rule of listing ${name} denies these calls and no others`, () => {
    const results = (calls: readonly Args[]): readonly bigint[] =>
      calls.map((args) => simulation.call({ name: call, nr, args }).retval);
    assert.deepEqual(
      results(sample.denied),
      sample.denied.map(() => EACCES),
    );
    assert.deepEqual(
      results(sample.made),
      sample.made.map(() => 0n),
    );
    if (sample.other === undefined) return;
    simulation.enter(sample.other);
    assert.deepEqual(
      results(sample.denied),
      sample.denied.map(() => 0n),
    );
  });
}

function ruleOf({ alike = [], ...sample }: Sample): string {
  return [sample.filter, ...alike].map((filter) => oneRule(sample, filter)).join("\n");
}

function oneRule({ call, as, more }: Sample, filter: string | undefined): string {
  const name = as ?? `${call} syscall_match = exact`;
  return [
    `rule { syscall_name = ${name}`,
    ...(more === undefined ? [] : [`  ${more}`]),
    ...(filter === undefined ? [] : [`  filter_expression { ${filter} }`]),
    "  action { type = FAIL error_code = EACCES } }",
  ].join("\n");
}

function isEntryOf(call: string): (program: CompiledProgram) => boolean {
  return ({ attachment: at }) => at.kind === "fmod_ret" && at.function === `__x64_sys_${call}`;
}
