/** Random rule texts and calls that make sense together: names, globs and numbers are drawn from small pools. */
import fc from "fast-check";
import { type FieldKind, kindOfField } from "../../src/events/index.ts";
import type { Presentation } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";

/** Calls with every kind of parameter and source: registers, memory, guards, constants, absent ones. */
export const CALLS = [
  "unlink",
  "rename",
  "open",
  "stat",
  "lstat",
  "execve",
  "fork",
  "kill",
  "ptrace",
  "connect",
  "chown",
  "getppid",
  "mmap",
  "write",
  "read",
  "recvfrom",
  "lseek",
  "socket",
  "setresuid",
  "utime",
  "uname",
  "sendto",
  "sendmsg",
  "openat2",
  "rt_sigaction",
  "epoll_ctl",
  "bpf",
  // structs of other kinds
  "clone3",
  "prlimit64",
  "clock_nanosleep",
  "timerfd_settime",
  "sendmsg",
  "poll",
  "statx",
  "sched_setattr",
  "utimensat",
  // strings and structs by command
  "prctl",
  "keyctl",
  "fcntl",
  "ioctl",
  "setsockopt",
  "getsockopt",
  "futex",
  "semctl",
] as const;

/** Names that every caller has. */
export const OBJECTS = ["EXE", "CWD"] as const;

const WORDS = [
  "/etc/passwd",
  "/etc",
  "./dummy",
  "",
  "a",
  "ab",
  "/tmp/x/y.txt",
  "passwd",
  "/e",
  "socket",
  "dir",
  "pipe:[77]",
  "x".repeat(40),
];
export const GLOBS = [
  "/etc/*",
  "*",
  "**",
  "/**/y.txt",
  "./d?mmy",
  "[a-c]*",
  "{/etc/passwd,a}",
  "*.txt",
  "[!/]*",
  "/tmp/**",
  "[[:alpha:]]*",
  "{socket,pipe,file}",
  "*:[[]*",
  "*[^[:lower:].]*",
  "*[[:punct:]]*",
];

const REGEXES = [
  "^/etc/",
  "passwd$",
  "\\.txt$",
  "a",
  "^$",
  "^[^/]*$",
  "(?i)ETC|TMP",
  "/[a-z]/",
  "\\bx\\b",
  "x{20,}",
  "^(/[a-z]+)+$",
  "[ab]{2}",
  "",
  "l{50}$",
];

export const word = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 9 }),
);

export const quoted = fc.oneof(
  { weight: 12, arbitrary: word.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.constantFrom('"a\\x00b"', '"\\x00"', '"a b"', `"${"l".repeat(40)}"`) },
);

const number = fc.oneof(
  fc.constantFrom("0", "1", "2", "-1", "1000", "0x200", "077", "4294967295", "0x7fffffff", "-100"),
  fc.constantFrom("0xffffffffffffffff", "0x8000000000000000", "9223372036854775807", "0x100000000"),
  fc.integer({ min: -5, max: 70 }).map(String),
);

function atoms(
  params: Presentation["params"],
  after: boolean,
  objects: readonly string[],
): fc.Arbitrary<string> {
  const texts = ["COMM", "PCOMM", "SNAME", "ABI", "CONTAINER", ...objects];
  const numbers = [
    "UID",
    "EUID",
    "SUID",
    "GID",
    "PID",
    "PPID",
    "TID",
    "FSUID",
    "EGID",
    "SGID",
    "SYSCALL",
    "FSGID",
    ...["LOGINUID", "SESSIONID", "CAPS", "CGROUP", "PIDNS", "MNTNS", "NSPID"],
  ];
  if (after) numbers.push("RETVAL", "DURATION");
  const addresses: string[] = [];
  params.forEach(({ type }, i) => {
    if (type.semantic === "fd" || type.semantic === "dirfd") {
      texts.push(`FD[${i + 1}].type`, `FD[${i + 1}].path`);
      numbers.push(`FD[${i + 1}].port`, `FD[${i + 1}].flags`);
      addresses.push(`FD[${i + 1}].addr`);
    }
    if (type.kind === "path" || type.kind === "string")
      texts.push(`PARAMS[${i + 1}]`, `PARAMS[${i + 1}]`);
    else if (type.kind === "buffer") texts.push(`PARAMS[${i + 1}]`, `PARAMS[${i + 1}]`);
    else if (type.kind === "int" || type.kind === "pointer") numbers.push(`PARAMS[${i + 1}]`);
    for (const member of type.struct === undefined ? [] : membersOf(type.struct)) {
      const name = `PARAMS[${i + 1}].${member.name}`;
      const names = { text: texts, number: numbers, address: addresses };
      names[member.kind].push(name);
    }
  });
  if (params.some(({ type }) => type.kind === "strings"))
    texts.push("ARGV", "ARGV", "ARGV[0]", "ARGV[2]", 'ENVP["a"]', 'ENVP["passwd"]');
  const text = fc.constantFrom(...texts);
  // the kernel engine refuses to compare a buffer with what is not constant
  const isBuffer = (name: string): boolean =>
    params.some(({ type }, i) => type.kind === "buffer" && name === `PARAMS[${i + 1}]`);
  const compared = fc.constantFrom(...texts.filter((name) => !isBuffer(name)));
  const term = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...numbers) },
    { weight: 1, arbitrary: number },
  );
  const { expr } = fc.letrec<{ expr: string }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      term,
      fc
        .tuple(
          tie("expr"),
          fc.constantFrom("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"),
          tie("expr"),
        )
        .map(([l, op, r]) => `(${l} ${op} ${r})`),
      fc.tuple(fc.constantFrom("-", "~"), tie("expr")).map(([op, e]) => `(${op} ${e})`),
    ),
  }));
  const compare = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  return fc.oneof(
    fc
      .tuple(
        text,
        fc.oneof(compare, fc.constantFrom("startswith", "endswith", "contains", "icontains")),
        quoted,
      )
      .map((t) => t.join(" ")),
    fc.tuple(text, fc.constantFrom(...GLOBS)).map(([t, g]) => `${t} matches ${JSON.stringify(g)}`),
    fc
      .tuple(text, fc.constantFrom("=~", "!~"), fc.constantFrom(...REGEXES))
      .map(([t, op, r]) => `${t} ${op} ${JSON.stringify(r)}`),
    fc
      .tuple(
        text,
        fc.constantFrom("=~", "!~"),
        fc.array(fc.constantFrom(...REGEXES), { minLength: 2, maxLength: 4 }),
      )
      .map(([t, op, all]) => `${t} ${op} (${all.map((r) => JSON.stringify(r)).join(", ")})`),
    fc.tuple(compared, compare, compared).map((t) => t.join(" ")),
    // most of them become one automaton
    fc
      .tuple(
        text,
        fc.constantFrom("startswith", "endswith", "contains", "icontains", "==", "!="),
        fc.array(quoted, { minLength: 2, maxLength: 80 }),
      )
      .map(([t, op, list]) => `${t} ${op} (${list.join(", ")})`),
    fc
      .tuple(text, fc.array(fc.constantFrom(...GLOBS), { minLength: 2, maxLength: 4 }))
      .map(([t, globs]) => `${t} matches (${globs.map((g) => JSON.stringify(g)).join(", ")})`),
    fc
      .tuple(
        text,
        fc.constantFrom("in", "not in"),
        fc.array(quoted, { minLength: 1, maxLength: 4 }),
      )
      .map(([t, op, list]) => `${t} ${op} (${list.join(", ")})`),
    fc.tuple(expr, compare, expr).map((t) => t.join(" ")),
    fc
      .tuple(fc.constantFrom(...numbers), fc.constantFrom("1..5", "0, 7", "1000..1999, 3"))
      .map(([v, l]) => `${v} in (${l})`),
    expr,
    fc.constantFrom(...ANCESTORS).map((ancestor) => `descends_from(${JSON.stringify(ancestor)})`),
    ...(addresses.length === 0 ? [] : [network(addresses)]),
  );
}

/** Of the callers of the tests, and of nobody. */
const ANCESTORS = ["a", "ab", "init", "passwd", "node", "nobody", "", 1, 5, 7, 1000, 0x7fff_ffff];

const NETWORKS = [
  "10.0.0.0/8",
  "127.0.0.1",
  "0.0.0.0/0",
  "192.168.1.128/25",
  "::1",
  "fe80::/10",
  "2001:db8::/65",
  "::/0",
  "::ffff:0:0/96",
];

function network(addresses: readonly string[]): fc.Arbitrary<string> {
  const address = fc.constantFrom(...addresses);
  const networks = fc.array(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    fc
      .tuple(address, fc.constantFrom("==", "!="), fc.constantFrom(...NETWORKS))
      .map((t) => t.join(" ")),
    fc
      .tuple(address, fc.constantFrom("in", "not in"), networks)
      .map(([a, op, list]) => `${a} ${op} (${list.join(", ")})`),
  );
}

/** Members of a struct with the kinds that filters know. */
function membersOf(struct: string): readonly { name: string; kind: FieldKind }[] {
  return vocabulary.structFieldNames(struct).flatMap((name) => {
    const field = vocabulary.structField(struct, name, "x86_64");
    return field === undefined ? [] : [{ name, kind: kindOfField(name, field) }];
  });
}

/** A filter over the parameters of a call and the `objects`, texts like EXE, as text. */
export function filter(
  params: Presentation["params"],
  after: boolean,
  objects: readonly string[] = [],
): fc.Arbitrary<string> {
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4, depthSize: "medium" },
      atoms(params, after, objects),
      fc
        .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
        .map(([l, op, r]) => `(${l}) ${op} (${r})`),
      tie("condition").map((c) => `!(${c})`),
    ),
  }));
  return condition;
}

export interface RandomRule {
  readonly call: string;
  readonly filter: string;
  readonly after: boolean;
  readonly match: "variants" | "exact";
  readonly unreadable: "" | "on_unreadable = match" | "on_unreadable = skip";
  readonly continues: boolean;
  /** Entries, or nothing. */
  readonly frequency: string;
}

/** Without a period that would be over: both sides ask at times of their own. */
export const frequency = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "1", "2+", "2..5", "1+2", "3+3"),
        fc.constantFrom("", "1", "2", "7"),
        fc.constantFrom("", "50%", "0.1%", "100%"),
        fc.constantFrom(
          "",
          "per uid",
          "per comm",
          "per pid",
          "per mntns",
          "per caps",
          "per retval",
        ),
      )
      .map(([occurrence, threshold, chance, per]) =>
        [
          occurrence === "" ? "" : `occurrence = ${occurrence} ${per}`,
          threshold === "" ? "" : `threshold = ${threshold}/1h ${per}`,
          chance === "" ? "" : `chance = ${chance}`,
        ].join(" "),
      ),
  },
);

/** Names that mean several calls: all that their filters look at is the caller. */
const MANY = [
  "unlink, rename",
  "read, write, lseek",
  "@delete",
  "open, connect, kill",
  "fork, getppid",
];

/** A rule on several calls. */
export const broadRule: fc.Arbitrary<RandomRule> = fc.boolean().chain((after) =>
  fc.record({
    call: fc.constantFrom(...MANY),
    filter: filter([], after, OBJECTS),
    after: fc.constant(after),
    match: fc.constant("variants"),
    unreadable: fc.constantFrom("", "on_unreadable = match", "on_unreadable = skip"),
    continues: fc.boolean(),
    frequency,
  }),
);

export function rule(
  prototype: (call: string) => Presentation,
  call: (typeof CALLS)[number],
  objects: readonly string[] = [],
): fc.Arbitrary<RandomRule> {
  return fc.boolean().chain((after) =>
    fc.record({
      call: fc.constant(call),
      filter: filter(prototype(call).params, after, objects),
      after: fc.constant(after),
      match: fc.constantFrom("variants", "exact"),
      unreadable: fc.constantFrom("", "on_unreadable = match", "on_unreadable = skip"),
      continues: fc.boolean(),
      frequency,
    }),
  );
}

export function ruleText(r: RandomRule, name: string): string {
  return (
    `rule { rule_name = ${name} syscall_name = ${r.call} syscall_match = ${r.match} ` +
    `filter_expression { ${r.filter} } action { type = LOG } when = ${r.after ? "after" : "before"} ` +
    `${r.frequency} ${r.unreadable} ${r.continues ? "continue = yes" : ""} }`
  );
}

/** Named r0, r1 and so on. */
export function ruleSetText(rules: readonly RandomRule[]): string {
  return rules.map((one, i) => ruleText(one, `r${i}`)).join("\n");
}
