/**
 * No jump of generated code leads back to a near place, loops apart: the kernel's compiler for x86 may not come to an end over such
 * jumps (see ../bpf/asm/exits.ts).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Assembled, decode } from "../bpf/asm/index.ts";
import { compileRules } from "./compile.ts";
import { MACHINES } from "./testing/machines.ts";
import { checked } from "./testing/rules.ts";

/** Targets that are so many instructions away are far, however short these are. */
const FAR = 80;
/** Loops, by the label that they begin with: short ones, or such that no jump leads over and ends near. */
const LOOPS: ReadonlySet<string> = new Set(["text_copy", "threshold_count"]);

const CLASS_MASK = 7;
const [JMP, JMP32] = [5, 6];
const [CALL, EXIT, GOTO_LONG] = [0x85, 0x95, 0x06];

/** Distance and label of the jumps that lead to a near place before them. */
function nearJumpsBack({ insns, labels }: Assembled): string[] {
  const found: string[] = [];
  let at = 0;
  for (const { opcode, offset, imm, high } of decode(insns)) {
    at += high === undefined ? 1 : 2;
    const kind = opcode & CLASS_MASK;
    if ((kind !== JMP && kind !== JMP32) || opcode === CALL || opcode === EXIT) continue;
    const distance = opcode === GOTO_LONG ? imm : offset;
    if (distance >= 0 || distance < -FAR) continue;
    const names = labels.flatMap(({ label, insnOffset }) =>
      insnOffset === at + distance ? [label.replace(/\.\d+$/, "")] : [],
    );
    if (!names.some((name) => LOOPS.has(name))) found.push(`${distance} ${names.join(" ")}`);
  }
  return found;
}

function assertForward(text: string): number {
  const result = compileRules(checked(text), { machine: MACHINES.hooks, ringBytes: 4096 });
  assert.ok(result.ok, text);
  for (const { code } of result.compiled.programs)
    assert.deepEqual(nearJumpsBack(code), [], `${code.name}\n${text}`);
  return result.compiled.programs.length;
}

test("files, limits, counts and what continues", () => {
  const filters = [
    'PATH == "/etc/passwd"',
    'PATH != "/etc/passwd" && PATH in ("/etc/a", "/etc/b")',
    'PATH matches ("/etc/*", "/a/**") || CWD == "/etc"',
    'CONTAINER contains "a" || EXE == "/bin/sh"',
  ];
  for (const [action, more] of [
    ["LOG log_format {%container %cgroup %path}", "limit = 3/10s per comm"],
    ["KILL", "continue = true"],
    ["LOG", "continue = true"],
    ["SUSPEND", "threshold = 5/1s per pid"],
    ["COUNT by COMM, PATH", ""],
    ["FAIL error_code = EACCES", "occurrence = 2+ per pid"],
  ]) {
    const rules = ["", ...filters].map(
      (filter) => `rule { syscall_name = unlinkat ${more}
        ${filter === "" ? "" : `filter_expression { ${filter} }`} action { type = ${action} } }`,
    );
    assert.ok(assertForward(rules.join("\n")) > 0);
  }
});
