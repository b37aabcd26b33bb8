/** Names of unix sockets and the calls that take them: the same rows hold in both engines (see sockets.c). */

/** Lines of shell that make the names; $0 is the program, `s` and `d` are served. */
export const MAKE_NAMES = "mkdir sub; ln -s . way; ln -s s link-s; ln -s d link-d";

/** Rules that deny the sockets of a directory, by their files. */
export function socketRules(directory: string): string {
  const files = ["s", "d", "new"].map((name) => `"${directory}/${name}"`).join(", ");
  return `rule { syscall_name = connect, bind, sendto, sendmsg, sendmmsg
    filter_expression { PATH in (${files}) || PATH == "@sct-${directory}" }
    action { type = LOG log_format {%sname %path} } action { type = FAIL error_code = EACCES } }`;
}

const STREAM = ["stream"];
const DATAGRAM = ["datagram", "sendto", "sendmsg", "sendmmsg"];

/** Where to stand, names, and calls that must all be denied there. */
export function deniedRows(
  directory: string,
): readonly (readonly [at: string, names: readonly string[], calls: readonly string[]])[] {
  const ways = (name: string): string[] => [
    `./${name}`,
    `${directory}/${name}`,
    `${directory}//sub/../way/./${name}`,
    `/proc/self/cwd/${name}`,
    `/proc/self/root${directory}/${name}`,
  ];
  return [
    [".", [...ways("s"), "./link-s"], STREAM],
    [".", [...ways("d"), "./link-d"], DATAGRAM],
    [".", ways("new"), ["bind"]],
    ["sub", ["../s", "../link-s"], STREAM],
    ["sub", ["../d", "../link-d"], DATAGRAM],
    ["sub", ["../new"], ["bind"]],
    [".", [`@sct-${directory}`], [...STREAM, "sendto", "bind"]],
  ];
}

/** The same calls with others' names. */
export function freeRows(
  directory: string,
): typeof deniedRows extends (d: string) => infer R ? R : never {
  return [
    [".", ["./other-s"], STREAM],
    [".", ["./other-d"], DATAGRAM],
    [".", ["./other-new", `@sct-other-${directory}`], ["bind"]],
  ];
}

/** Shell lines for rows. */
export function shellOf(program: string, rows: ReturnType<typeof deniedRows>): string {
  return rows
    .map(([at, names, calls]) => `(cd ${at}; ${program} ${[...names, ...calls].join(" ")})`)
    .join("\n");
}

/** The lines that say something else than one of the errors. */
export function otherThan(output: string, errnos: readonly number[]): string[] {
  const lines = output.trim().split("\n");
  return lines.filter((line) => !errnos.includes(Number(line.split(" ").at(-1))));
}

/** How many lines rows print. */
export function countOf(rows: ReturnType<typeof deniedRows>): number {
  return rows.reduce((sum, [, names, calls]) => sum + names.length * calls.length, 0);
}
