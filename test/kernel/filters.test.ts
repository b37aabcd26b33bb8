/** Filters select exactly the calls that they describe. */
import { after, test } from "node:test";
import { needs32Bit } from "../programs/runs-32-bit.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { assertEvents, run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

/** Second parameter of access: a number that is there as asked for; the path distinguishes the calls. */
const NUMBERS = [-1, 0, 1, 2, 3, 4, 1000, 2147483647];
const PATHS = ["/n/a", "/n/b", "/n/ab", "/m/a", "/n/", "n", "", "/n/a b*c"];

const numberFilters: Readonly<Record<string, (n: number) => boolean>> = {
  "PARAMS[2] == 2": (n) => n === 2,
  "PARAMS[2] != 2": (n) => n !== 2,
  "PARAMS[2] < 2": (n) => n < 2,
  "PARAMS[2] <= 2": (n) => n <= 2,
  "PARAMS[2] > 2": (n) => n > 2,
  "PARAMS[2] >= 2": (n) => n >= 2,
  "PARAMS[2] == -1": (n) => n === -1,
  "PARAMS[2] == 0x7fffffff": (n) => n === 2147483647,
  "PARAMS[2] & 1": (n) => (n & 1) !== 0,
  "PARAMS[2] | 0": (n) => n !== 0,
  "(PARAMS[2] ^ 3) == 1": (n) => (n ^ 3) === 1,
  "!PARAMS[2]": (n) => n === 0,
  "-PARAMS[2] == -4": (n) => n === 4,
  "~PARAMS[2] == 0": (n) => n === -1,
  "PARAMS[2] + 1 == 3": (n) => n === 2,
  "PARAMS[2] - 1 == 3": (n) => n === 4,
  "PARAMS[2] * 2 == 8": (n) => n === 4,
  "PARAMS[2] / 2 == 1": (n) => n === 2 || n === 3,
  "PARAMS[2] % 3 == 1": (n) => n % 3 === 1,
  "PARAMS[2] << 1 == 2": (n) => n === 1,
  "PARAMS[2] >> 1 == 1": (n) => n === 2 || n === 3,
  "4 / PARAMS[2] == 2": (n) => n === 2,
  "10 % PARAMS[2] != 99": (n) => n !== 0,
  "PARAMS[2] in (0, 2..4)": (n) => n === 0 || (n >= 2 && n <= 4),
  "PARAMS[2] not in (0, 2..4)": (n) => !(n === 0 || (n >= 2 && n <= 4)),
  "PARAMS[2] > 0 && PARAMS[2] < 3": (n) => n > 0 && n < 3,
  "PARAMS[2] < 0 || PARAMS[2] == 1000": (n) => n < 0 || n === 1000,
  "PARAMS[2] == R_OK": (n) => n === 4,
};

const pathFilters: Readonly<Record<string, (path: string) => boolean>> = {
  'PARAMS[1] == "/n/a"': (p) => p === "/n/a",
  'PARAMS[1] != "/n/a"': (p) => p !== "/n/a",
  'PARAMS[1] < "/n/a"': (p) => p < "/n/a",
  'PARAMS[1] <= "/n/a"': (p) => p <= "/n/a",
  'PARAMS[1] > "/n/a"': (p) => p > "/n/a",
  'PARAMS[1] >= "/n/a"': (p) => p >= "/n/a",
  'PARAMS[1] == ""': (p) => p === "",
  'PARAMS[1] startswith "/n/"': (p) => p.startsWith("/n/"),
  'PARAMS[1] endswith "b"': (p) => p.endsWith("b"),
  'PARAMS[1] contains "/a"': (p) => p.includes("/a"),
  'PARAMS[1] icontains "/A"': (p) => p.includes("/a"),
  'PARAMS[1] matches "/?/a"': (p) => p === "/n/a" || p === "/m/a",
  'PARAMS[1] matches "/n/*"': (p) => p.startsWith("/n/"),
  'PARAMS[1] matches "/**"': (p) => p.startsWith("/"),
  'PARAMS[1] matches "/n/[a-b]"': (p) => p === "/n/a" || p === "/n/b",
  'PARAMS[1] matches "/{n,m}/a"': (p) => p === "/n/a" || p === "/m/a",
  'PARAMS[1] =~ "^/n/.b?$"': (p) => /^\/n\/.b?$/.test(p),
  'PARAMS[1] =~ "(?i)/A$"': (p) => p.endsWith("/a"),
  'PARAMS[1] =~ ("^/m", "b\\\\*c$", "^$")': (p) => /^\/m|b\*c$|^$/.test(p),
  'PARAMS[1] !~ "a\\\\b"': (p) => !/a\b/.test(p),
  'PARAMS[1] !~ ("^/m", "b$")': (p) => !/^\/m|b$/.test(p),
  "PARAMS[1] < COMM": (p) => p < "calls64",
  "COMM < PARAMS[1]": (p) => p > "calls64",
  "PARAMS[1] == EXE": () => false,
  'PARAMS[1] in ("/n/b", "n")': (p) => p === "/n/b" || p === "n",
  'PARAMS[1] not in ("/n/b", "n")': (p) => !(p === "/n/b" || p === "n"),
  '!(PARAMS[1] == "/n/a")': (p) => p !== "/n/a",
};

/** Numbers of access(2). */
const ACCESS = 21;

function accessRule(name: string, filter: string): string {
  return `rule { rule_name = "${name}" syscall_name = access syscall_match = exact continue = yes
    filter_expression { UID == ${USER} && COMM == "calls64" && (${filter}) } action { type = LOG } }`;
}

for (const [what, filters, words] of [
  ["number", numberFilters, NUMBERS],
  ["path", pathFilters, PATHS],
] as const) {
  test(`each operator on a ${what} selects the right calls`, async (t) => {
    if (!needsKernel(t)) return;
    const { calls64 } = workplace();
    // all filters are loaded together, so that each call is judged by each of them
    const rules = Object.keys(filters).map((filter, i) => accessRule(`f${i}`, filter));
    const { events } = await watch(rules.join("\n"), async () => {
      for (const word of words) {
        const args = what === "number" ? ["@/x", String(word)] : [`@${word}`, "0"];
        await run([calls64, "native", String(ACCESS), ...args]);
      }
    });
    Object.entries<(word: never) => boolean>(filters).forEach(([filter, selects], i) => {
      const own = events.filter(({ rule }) => rule === `f${i}`);
      const expected = words.filter((word) => selects(word as never));
      try {
        assertEvents(
          own,
          expected.map((word) => ({ values: what === "number" ? ["/x", word] : [word, 0] })),
        );
      } catch (error) {
        throw new Error(`${filter}: ${(error as Error).message}`);
      }
    });
  });
}

const PRCTL = 157;
const [PR_SET_PDEATHSIG, PR_SET_NAME] = ["1", "15"];

test("a parameter is a string where another one makes it one", async (t) => {
  if (!needsKernel(t)) return;
  const { calls64 } = workplace();
  const rule = `rule { syscall_name = prctl
    filter_expression { UID == ${USER} && PARAMS[1] == PR_SET_NAME && PARAMS[2] =~ "^kw" } action { type = LOG } }`;
  const { events } = await watch(rule, async () => {
    for (const args of [
      [PR_SET_NAME, "@kworker"],
      [PR_SET_NAME, "@worker"],
      [PR_SET_PDEATHSIG, "9"],
    ])
      await run([calls64, "native", String(PRCTL), ...args]);
  });
  assertEvents(events, [{ comm: "calls64", syscall: "prctl" }]);
});

const GETPPID = 110;

test("filters on who calls", async (t) => {
  if (!needsKernel(t) || !needs32Bit(t, workplace().calls32)) return;
  const { calls64, calls32 } = workplace();
  const filters: Readonly<Record<string, readonly string[]>> = {
    [`UID == ${USER}`]: ["calls64", "calls32"],
    [`UID != ${USER} && EUID == ${USER}`]: [],
    [`UID >= ${USER} && UID <= ${USER}`]: ["calls64", "calls32"],
    [`UID in (${USER - 1}..${USER + 1})`]: ["calls64", "calls32"],
    [`EUID == ${USER} && SUID == ${USER} && FSUID == ${USER}`]: ["calls64", "calls32"],
    [`GID == ${USER} && EGID == ${USER} && SGID == ${USER} && FSGID == ${USER}`]: [
      "calls64",
      "calls32",
    ],
    'COMM == "calls64"': ["calls64"],
    'COMM != "calls64"': ["calls32"],
    'COMM startswith "calls"': ["calls64", "calls32"],
    'COMM endswith "32"': ["calls32"],
    'COMM contains "lls6"': ["calls64"],
    'COMM matches "calls[36]2"': ["calls32"],
    'COMM =~ "^calls[36]2$"': ["calls32"],
    'COMM !~ "4$"': ["calls32"],
    'COMM in ("calls32", "other")': ["calls32"],
    'COMM < "calls64"': ["calls32"],
    "COMM == PCOMM": [],
    "COMM != PCOMM && EXE > CWD || EXE <= CWD": ["calls64", "calls32"],
    "EXE == EXE && COMM >= COMM": ["calls64", "calls32"],
    'COMM == "calls6"': [],
    'ABI == "x86_64"': ["calls64"],
    'ABI == "i386"': ["calls32"],
    "SYSCALL == 64": ["calls32"],
    'SNAME == "getppid"': ["calls64", "calls32"],
    [`PPID == ${process.pid}`]: ["calls64", "calls32"],
    "PID == TID": ["calls64", "calls32"],
    "PID == 1": [],
  };
  const rules = Object.keys(filters).map(
    (filter, i) => `rule { rule_name = "f${i}" syscall_name = getppid continue = yes
      filter_expression { UID == ${USER} && (${filter}) } action { type = LOG } }`,
  );
  const { events } = await watch(rules.join("\n"), async () => {
    await run([calls64, "native", String(GETPPID)]);
    await run([calls32, "native", "64"]);
  });
  Object.entries(filters).forEach(([filter, comms], i) => {
    const own = events.filter(({ rule }) => rule === `f${i}`);
    try {
      assertEvents(
        own,
        comms.map((comm) => ({ comm, uid: USER, ppid: process.pid })),
      );
    } catch (error) {
      throw new Error(`${filter}: ${(error as Error).message}`);
    }
  });
});

test("filters on the program and its working directory", async (t) => {
  if (!needsKernel(t) || !needs32Bit(t, workplace().calls32)) return;
  const { calls64, calls32, directory } = workplace();
  const rule = (name: string, filter: string): string => `rule { rule_name = ${name} continue = yes
    syscall_name = getppid filter_expression { UID == ${USER} && ${filter} } action { type = LOG log_format {%exe %cwd} } }`;
  const rules = [
    rule("exe", `EXE == "${calls64}"`),
    rule("cwd", `CWD == "${directory}"`),
    rule("neither", `EXE == "${directory}" || CWD endswith "/calls64"`),
  ];
  const { events } = await watch(rules.join("\n"), async () => {
    await run([calls64, "native", String(GETPPID)]);
    await run([calls32, "native", "64"]);
  });
  assertEvents(events, [
    { rule: "exe", line: `"${calls64}" "${directory}"` },
    { rule: "cwd", line: `"${calls64}" "${directory}"` },
    { rule: "cwd", line: `"${calls32}" "${directory}"` },
  ]);
});
