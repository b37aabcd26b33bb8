/** The program that opens a file of each kind, and rules whose lines say of each what the program says. */
import assert from "node:assert/strict";

export const DESCRIPTORS = new URL("descriptors.py", import.meta.url).pathname;

const FORMAT = "%param1|%fd1.type|%fd1|%fd1.flags|%fd1.addr|%fd1.port";
const NOTHING_OPEN = "(none)|(none)|(none)|(none)|(none)";

/** `own`: a filter that nobody else on the machine passes. */
export function descriptorRules(own: string): string {
  const rule = (call: string, more: string): string =>
    `rule { syscall_name = ${call} syscall_match = exact ${more} action { type = LOG log_format {${call}|${FORMAT}} } }`;
  const filter = `filter_expression { COMM == "descriptors" && ${own} }`;
  return `${rule("lseek", filter)} ${rule("close", `when = after ${filter}`)}`;
}

/** What the program said, and the lines of the rules: of a call, and of one that closes. */
export function assertDescriptors(output: string, lines: readonly string[]): void {
  const known = output.trimEnd().split("\n");
  assert.ok(known.length >= 18, output);
  const of = (call: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${call}|`) ? [line.slice(call.length + 1)] : []));
  assert.deepEqual(of("lseek"), [...known, `-1|${NOTHING_OPEN}`, `9999|${NOTHING_OPEN}`]);
  assert.deepEqual(of("close"), known);
}

/** Filters of the program's files, each with how many of them pass. */
export const DESCRIPTOR_FILTERS: readonly (readonly [filter: string, count: number])[] = [
  ['FD[1].type == "memfd"', 1],
  ['FD[1].type in ("pipe", "epoll")', 3],
  ['FD[1].type =~ "^(event|timer|signal)fd$"', 3],
  ['FD[1].path endswith "/file"', 1],
  ['FD[1].path startswith "anon_inode:"', 6],
  ["FD[1].flags & O_APPEND", 1],
  ["(FD[1].flags & O_PATH) == O_PATH", 1],
  ["FD[1].port == 99 && FD[1].addr == 127.0.0.9", 1],
  ["FD[1].addr in 127.0.0.0/8", 3],
  ["FD[1].port == 77 && FD[1].addr == ::1", 1],
];

/** A rule for each filter, which reports its own number. */
export function filterRules(own: string): string {
  const rules = DESCRIPTOR_FILTERS.map(
    ([filter], i) =>
      `rule { rule_name = f${i} syscall_name = lseek syscall_match = exact continue = yes
        filter_expression { COMM == "descriptors" && ${own} && ${filter} } action { type = LOG log_format {f${i}} } }`,
  );
  return rules.join("\n");
}

/** A machine without IPv6 has two sockets less. */
export function assertFilters(output: string, lines: readonly string[]): void {
  const hasIpv6 = output.includes("|::1|77");
  DESCRIPTOR_FILTERS.forEach(([filter, count], i) => {
    const expected = hasIpv6 ? count : filter.includes("127.0.0.0/8") ? 2 : count;
    const isOfIpv6 = filter.includes("::1") && !hasIpv6;
    assert.equal(lines.filter((line) => line === `f${i}`).length, isOfIpv6 ? 0 : expected, filter);
  });
}

/** Makes a file that rules name over a link, and reads it. */
export const MAKE_LINK = `import os
os.mkdir("real")
os.symlink("real", "alias")
open("real/file", "w").close()`;
export const READ_FILE = 'import os\nos.read(os.open("real/file", os.O_RDONLY), 9)';

/** Whole names and beginnings mean the file that they lead to; a name that differs does not. */
export function linkRules(directory: string, own: string): string {
  const rule = (name: string, filter: string): string =>
    `rule { rule_name = ${name} syscall_name = read continue = yes filter_expression { ${own} && ${filter} }
      action { type = LOG log_format {${name} %fd1} } }`;
  const name = `FD[1].path == "${directory}/alias/file"`;
  return [
    rule("whole", name),
    rule("begins", `FD[1].path startswith "${directory}/alias/"`),
    rule("differs", `!(${name}) && FD[1].path endswith "/real/file"`),
  ].join("\n");
}

export function assertLinks(directory: string, lines: readonly string[]): void {
  const file = `"${directory}/real/file"`;
  assert.deepEqual(lines, [`whole ${file}`, `begins ${file}`]);
}
