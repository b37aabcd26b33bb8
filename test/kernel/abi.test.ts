/** 32-bit callers: the same rules see them, with their own numbers and widths. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, type Scenario, USER, workplace } from "./watching.ts";

after(assertNoObjects);

/** Both ABIs use these numbers for other things. */
const N64 = { mprotect: "10", unlink: "87", unlinkat: "263", lseek: "8", pread64: "17" } as const;
const N32 = { unlink: "10", swapon: "87", unlinkat: "301", creat: "8", lseek: "19" } as const;

const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];
const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];

const own = (filter = "1"): string => `filter_expression { UID == ${USER} && (${filter}) }`;

const scenarios: readonly Scenario[] = [
  {
    title: "unlink is seen from all three ways into the kernel",
    rules: `rule { syscall_name = unlink ${own()} action { type = LOG log_format {%sname %abi %sid %params} } }`,
    triggers: () => [
      calls64("native", N64.unlink, "@/n/a"),
      calls64("native", N64.unlinkat, "-100", "@/n/at", "0"),
      calls64("native", N64.unlinkat, "-100", "@/n/dir", "512"),
      calls64("int80", N32.unlink, "@/n/int80"),
      calls64("int80", N32.unlinkat, "-100", "@/n/int80at", "0"),
      calls32("native", N32.unlink, "@/n/32"),
      calls32("native", N32.unlinkat, "-100", "@/n/32at", "0"),
    ],
    expect: [
      { line: 'unlink x86_64 87 "/n/a"', comm: "calls64", abi: "x86_64", nr: 87 },
      { line: 'unlinkat x86_64 263 "/n/at"' },
      { line: 'unlink i386 10 "/n/int80"', comm: "calls64", abi: "i386", nr: 10 },
      { line: 'unlinkat i386 301 "/n/int80at"' },
      { line: 'unlink i386 10 "/n/32"', comm: "calls32" },
      { line: 'unlinkat i386 301 "/n/32at"' },
    ],
  },
  {
    title: "a number that means something else on the other side is not mistaken",
    rules: `rule { syscall_name = unlink, creat, lseek ${own()} action { type = LOG } }
            rule { syscall_name = mprotect ${own()} action { type = LOG } }`,
    triggers: () => [
      calls64("native", N64.mprotect, "0", "0", "0"),
      calls64("int80", N64.unlink, "@/n/swap"),
      calls64("int80", N64.unlinkat, "0", "0", "0"),
      calls32("native", N64.unlink, "@/n/swap"),
      calls64("native", N64.lseek, "-1", "5", "0"),
      calls64("int80", N32.lseek, "-1", "6", "0"),
      calls64("int80", N32.creat, "@/n/creat", "0"),
    ],
    expect: [
      { as: "mprotect", syscall: "mprotect", abi: "x86_64" },
      { as: "lseek", syscall: "lseek", abi: "x86_64", values: [-1, 5, 0] },
      { as: "lseek", syscall: "lseek", abi: "i386", values: [-1, 6, 0] },
      { as: "creat", syscall: "creat", abi: "i386", values: ["/n/creat", 0] },
    ],
  },
  {
    title: "parameters are as wide as on the ABI",
    rules: `rule { syscall_name = lseek ${own("PARAMS[2] == -5")} action { type = LOG log_format {%abi %params} } }
            rule { syscall_name = access ${own("PARAMS[2] < 0")} action { type = LOG log_format {%abi %params} } }`,
    triggers: () => [
      calls64("native", N64.lseek, "3", "-5", "1"),
      // as a 64-bit number this is positive: only the low half is 0xfffffffb
      calls64("native", N64.lseek, "3", "4294967291", "1"),
      calls64("int80", N32.lseek, "3", "-5", "1"),
      // junk in the upper halves is not part of a 32-bit call, nor of an int
      calls64("int80", N32.lseek, "8589934595", "8589934587", "4294967297"),
      calls32("native", N32.lseek, "3", "-5", "1"),
      calls64("native", "21", "@/n/x", "8589934591"),
      calls64("native", "21", "@/n/x", "4294967297"),
    ],
    expect: [
      { line: "x86_64 3, -5, 1" },
      { line: "i386 3, -5, 1", comm: "calls64" },
      { line: "i386 3, -5, 1", comm: "calls64" },
      { line: "i386 3, -5, 1", comm: "calls32" },
      { line: 'x86_64 "/n/x", -1' },
    ],
  },
  {
    title: "ABI is a variable",
    rules: `rule { syscall_name = unlink ${own('ABI == "i386"')} action { type = LOG } }
            rule { syscall_name = unlink ${own('ABI != "i386"')} action { type = LOG } }`,
    triggers: () => [
      calls64("native", N64.unlink, "@/n/a"),
      calls64("int80", N32.unlink, "@/n/b"),
      calls32("native", N32.unlink, "@/n/c"),
    ],
    expect: [
      { rule: "test.conf:2", values: ["/n/a"] },
      { rule: "test.conf:1", values: ["/n/b"] },
      { rule: "test.conf:1", values: ["/n/c"] },
    ],
  },
  {
    title: "only the low half of a number counts, as in the kernel",
    rules: `rule { syscall_name = unlink, getppid ${own()} action { type = LOG } }`,
    triggers: () => [
      // 2^32 + 87, 2^32 + 110
      calls64("native", "4294967383", "@/n/high"),
      calls64("native", "4294967406"),
    ],
    expect: [{ syscall: "unlink", values: ["/n/high"] }, { syscall: "getppid" }],
  },
  {
    title: "exact takes the call itself alone, on both ABIs",
    rules: `rule { syscall_name = unlink syscall_match = exact ${own()} action { type = LOG } }`,
    triggers: () => [
      calls64("native", N64.unlinkat, "-100", "@/n/at", "0"),
      calls64("native", N64.unlink, "@/n/a"),
      calls32("native", N32.unlink, "@/n/b"),
    ],
    expect: [{ values: ["/n/a"] }, { values: ["/n/b"] }],
  },
  {
    title: "return values of 32-bit calls are signed",
    rules: `rule { syscall_name = unlink when = after ${own("RETVAL == -2")} action { type = LOG log_format {%retval %errname} } }`,
    triggers: () => [calls64("int80", N32.unlink, "@/n/a"), calls32("native", N32.unlink, "@/n/b")],
    expect: [
      { retval: -2, errno: "ENOENT", line: "-2 ENOENT" },
      { retval: -2, errno: "ENOENT", line: "-2 ENOENT" },
    ],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    const { counters } = await play(scenario);
    assert.equal(counters.recursionMisses, 0);
  });
}
