/** Important lines of the compiler, each made wrong in a way that would deny too little, too much, or lose an event. */
import { type MutatedRoom, mutants } from "./mutant.ts";

export const compiler: MutatedRoom = {
  name: "compiler",
  tests: ["src/compiler/**/*.test.ts", "test/differential.test.ts", "test/regexes.test.ts"],
  mutants: mutants([
    [
      "compiler/emit/ints",
      "if (expr.unsigned) a.rsh(R0, R1);",
      "if (!expr.unsigned) a.rsh(R0, R1);",
    ],
    ["compiler/emit/ints", 'if (op === "div") a.xor(R3, R1);', 'if (op === "mod") a.xor(R3, R1);'],
    ["compiler/emit/ints", 'a.jump("eq", R1, 0, faults.missing);', ""],
    [
      "compiler/emit/ints",
      'a.mov(R1, R0).load("u64", R0, R10, slot);',
      'a.load("u64", R1, R10, slot);',
    ],
    [
      "compiler/emit/values",
      "if (type.signed) c.a.signExtend(register, register, bits);",
      "if (!type.signed) c.a.signExtend(register, register, bits);",
    ],
    [
      "compiler/emit/conditions",
      "emitCondition(c, p, expr.operand, { yes: to.no, no: to.yes, unreadable: to.unreadable });",
      "emitCondition(c, p, expr.operand, { yes: to.no, no: to.yes, unreadable: to.yes });",
    ],
    [
      "compiler/emit/conditions",
      'a.label(noted).store("u64", R10, passed, 1);',
      'a.label(noted).store("u64", R10, passed, 0);',
    ],
    [
      "compiler/plan/alike",
      "if (next.kind === kind) todo.push(next.right, next.left);",
      "if (next.kind === kind) todo.push(next.left);",
    ],
    [
      "compiler/emit/rules",
      "const behind = planned.rule.continue ? next : done;",
      "const behind = planned.rule.continue ? done : next;",
    ],
    [
      "compiler/emit/rules",
      'else if (planned.rule.onUnreadable === "match") finish(true);',
      'else if (planned.rule.onUnreadable !== "match") finish(true);',
    ],
    [
      "compiler/emit/rules",
      "loadSource(c, guard.source, away ?? other);",
      "loadSource(c, guard.source, away ?? matched);",
    ],
    [
      "compiler/emit/rules",
      "a.loadImm(R1, guard.mask).and(R0, R1)",
      "a.loadImm(R1, guard.mask).or(R0, R1)",
    ],
    [
      "compiler/emit/limit",
      'a.loadImm(R2, limit.count).jump("lt", R1, R2, within).goto(over);',
      'a.loadImm(R2, limit.count).jump("le", R1, R2, within).goto(over);',
    ],
    [
      "compiler/emit/limit",
      'a.loadImm(R2, limit.periodNs + BigInt(EARLY_NS)).jump("lt", R1, R2, counting);',
      'a.loadImm(R2, limit.periodNs + BigInt(EARLY_NS)).jump("ge", R1, R2, counting);',
    ],
    [
      "compiler/emit/value-key",
      'a.load("u32", R1, R9, RecordOffset[place.field]).store("u64", R10, slot, R1);',
      'a.store("u64", R10, slot, 0);',
    ],
    [
      "compiler/emit/frequency",
      'a.mov(R1, 1).atomicFetch("add", "u64", R0, 0, R1);',
      'a.load("u64", R1, R0, 0);',
    ],
    ["compiler/emit/frequency", 'a.jump("eq", R1, 0, fresh);', ""],
    [
      "compiler/emit/frequency",
      "a.label(fresh).mov(R2, R4).lsh(R2, countBits).or(R2, 1);",
      "a.label(fresh).mov(R2, R4).lsh(R2, countBits).or(R2, 0);",
    ],
    [
      "compiler/emit/due",
      'a.jump("set", R1, R2, known).or(R1, R2).store("u64", R9, AreaOffset.asked, R1);',
      'a.or(R1, R2).store("u64", R9, AreaOffset.asked, R1);',
    ],
    [
      "compiler/emit/strings",
      "a.mov(R0, MAX_STRING).mov(R4, TailStatus.truncated << 16);",
      "a.mov(R0, MAX_STRING).mov(R4, TailStatus.ok << 16);",
    ],
    ["compiler/emit/strings", 'a.mov(R3, R0).jump("eq", R3, 0, isNull);', "a.mov(R3, R0);"],
    [
      "compiler/emit/strings",
      'if (comesLate(c, slot)) a.store("u32", R9, RecordOffset.flags, RecordFlag.late);',
      "",
    ],
    ["compiler/emit/action", "deny(c, action.errno);", "deny(c, EPERM + 1);"],
    [
      "compiler/emit/action",
      "// the signal alone comes too late: the call would still be carried out\n      emitSignal(c, SIGKILL, slots.index);\n      deny(c, EPERM);",
      "emitSignal(c, SIGKILL, slots.index);",
    ],
    ["compiler/emit/action", 'a.jump("ne", R1, 0, decided);', 'a.jump("eq", R1, 0, decided);'],
    [
      "compiler/emit/fields",
      'a.load("u64", R2, R7, task.realParent).load("u64", R2, R2, task.groupLeader);',
      'a.load("u64", R2, R7, task.realParent);',
    ],
    [
      "compiler/emit/fields",
      'else copy(c, "u32", struct, from, to);',
      'else copy(c, "u32", struct, from + 4, to);',
    ],
    [
      "compiler/emit/duration",
      'a.load("u64", R1, R9, AreaOffset.entryTime).sub(R0, R1);',
      'a.load("u64", R1, R9, AreaOffset.entryTime);',
    ],
    ["compiler/programs/exit", "if (measures(block)) emitDuration(a);", ""],
    ["compiler/plan/prefilter", "return groupOf(node.name) !== undefined;", "return true;"],
    ["compiler/emit/path-walk", '.store("u8", R4, 0, SLASH);', '.store("u8", R4, 0, SLASH + 1);'],
    ["compiler/emit/path-walk", '.jump("eq", R7, R8, "path_rootless")', ""],
    [
      "compiler/programs/control",
      'a.label(known).jump("ne", R1, input.generation, pass);',
      "a.label(known);",
    ],
    [
      "compiler/programs/hook",
      'a.load("u32", R2, R9, AreaOffset.nr).jump("ne", R1, R2, noArea);',
      'a.load("u32", R2, R9, AreaOffset.nr);',
    ],
    [
      "compiler/programs/hook",
      'a.store("u32", R9, AreaOffset.pending, R1).goto("deny");',
      'a.goto("deny");',
    ],
    [
      "compiler/programs/exit",
      'a.store("u32", R9, AreaOffset.pending, 0).load("u32", R1, R9, AreaOffset.block);',
      'a.load("u32", R1, R9, AreaOffset.block);',
    ],
    [
      "compiler/programs/enter",
      'a.jump("ne", R1, 0, of(compatTest.set)).goto(of(compatTest.clear));',
      'a.jump("eq", R1, 0, of(compatTest.set)).goto(of(compatTest.clear));',
    ],
    [
      "compiler/programs/enter",
      'a.load("u64", R1, R10, VERDICT_SLOT).mov(R0, 0).alu("sub", R0, R1);',
      'a.load("u64", R0, R10, VERDICT_SLOT);',
    ],
    [
      "compiler/plan/acts",
      'return rule.when === "before" && rule.actions.some(({ type }) => isActing(type));',
      'return rule.actions.some(({ type }) => type === "FAIL");',
    ],
    [
      "compiler/plan/unenforceable",
      "const why = enforcement.modify ? undefined : errnoProblem(call, errno);",
      "const why = undefined as string | undefined;",
    ],
    [
      "compiler/plan/plan",
      "return [...candidates.filter(own), ...candidates.filter((c) => !own(c))];",
      "return candidates;",
    ],
    [
      "compiler/layout/closed",
      "return enforcement !== undefined && hooks.length > 0;",
      "return false;",
    ],
    [
      "compiler/programs/fail-closed",
      'a.store("u64", R10, c.verdict, EPERM).goto(done);',
      "a.goto(done);",
    ],
    [
      "compiler/dfa/regex-pattern",
      "if ((next & Beside.edge) !== 0) this.#link(state, accept);",
      "this.#link(state, accept);",
    ],
    [
      "compiler/dfa/regex-pattern",
      "const allowed = next & allowedNext(before, step.assertions);",
      "const allowed = allowedNext(before, step.assertions);",
    ],
    [
      "compiler/emit/string-tests",
      "{ same: to[decided], different }",
      "{ same: to[open], different }",
    ],
    [
      "compiler/emit/string-compare",
      "emitTest(c, whole(right), mirror(op), left.bytes, to);",
      "emitTest(c, whole(right), op, left.bytes, to);",
    ],
    [
      "compiler/emit/string-compare",
      'if (left.kind === "entry" && right.kind !== "static") emitReady(c, left.k, to);',
      "",
    ],
  ]),
};
