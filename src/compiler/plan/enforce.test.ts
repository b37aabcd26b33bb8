/** By what each call is decided on each kind of machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errnoProblem } from "../../linux/index.ts";
import type { Machine } from "../machine.ts";
import { MACHINES } from "../testing/machines.ts";
import { checked } from "../testing/rules.ts";
import type { Block } from "./block.ts";
import { enforcePlan } from "./enforce.ts";
import { planRules } from "./plan.ts";
import { refuseUnenforceable } from "./unenforceable.ts";

const FAIL = "action { type = FAIL error_code = EPERM }";
const LOG = "action { type = LOG }";

function blocksOf(rules: string, machine: Machine): readonly Block[] {
  const plan = planRules(checked(rules), { caller: false, directories: false });
  return enforcePlan(plan, machine).blocks;
}

const exactly = (call: string, more: string): string =>
  `rule { syscall_name = ${call} syscall_match = exact ${more} }`;

function blockOf(call: string, more: string, machine: Machine): Block {
  const block = blocksOf(exactly(call, more), machine).find(({ abi }) => abi === "x86_64");
  assert.ok(block);
  return block;
}

/** Functions of some calls have no type information: only probes reach them. */
const PROBED: Machine = {
  ...MACHINES.hooks,
  hookKind: undefined,
  canModifyReturn: true,
  entryFunction: (_, call) => ({ name: `__x64_sys_${call}`, via: "kprobe" }),
};
const text = 'filter_expression { PARAMS[1] == "/x" }';
const file = 'filter_expression { PATH == "/x" }';

for (const [what, call, more, machine, enforcement, hooks] of [
  ["nothing acts", "unlink", LOG, MACHINES.modifies, undefined, []],
  ["nothing can", "unlink", FAIL, MACHINES.tracepoints, undefined, []],
  ["after it", "unlink", `when = after ${LOG}`, MACHINES.hooks, undefined, []],
  ["its function", "unlink", FAIL, MACHINES.modifies, true, []],
  ["its function, which probes cannot", "unlink", FAIL, PROBED, undefined, []],
  ["probes", "unlink", FAIL, { ...PROBED, canOverrideReturn: true }, true, []],
  ["hooks", "unlink", FAIL, MACHINES.hooks, false, ["path_unlink"]],
  ["KILL by hooks", "unlink", "action { type = KILL }", MACHINES.hooks, false, ["path_unlink"]],
  ["SUSPEND", "unlink", "action { type = SUSPEND }", MACHINES.hooks, false, ["path_unlink"]],
  ["a call without hooks", "getppid", FAIL, MACHINES.hooks, undefined, []],
  [
    "both, as text may not be there yet",
    "unlink",
    `${text} ${FAIL}`,
    { ...MACHINES.hooks, canModifyReturn: true },
    true,
    ["path_unlink"],
  ],
  [
    "its function alone without text",
    "unlink",
    FAIL,
    { ...MACHINES.hooks, canModifyReturn: true },
    true,
    [],
  ],
  [
    "files in hooks, to report them",
    "unlink",
    `${file} ${LOG}`,
    MACHINES.hooks,
    undefined,
    ["path_unlink"],
  ],
  [
    "a hook that this kernel lacks",
    "unlink",
    FAIL,
    { ...MACHINES.hooks, hasHook: () => false },
    undefined,
    [],
  ],
] as const)
  test(`enforcePlan(): ${call}, ${what}`, () => {
    const block = blockOf(call, more, machine);
    assert.deepEqual([block.enforcement?.modify, block.hooks], [enforcement, hooks]);
  });

for (const [what, more, abi, machine, seen] of [
  ["of acting rules", FAIL, "x86_64", MACHINES.modifies, false],
  ["of acting rules, in hooks", FAIL, "x86_64", { ...MACHINES.hooks, canModifyReturn: true }, true],
  ["of 32-bit calls", FAIL, "i386", { ...MACHINES.hooks, canModifyReturn: true }, false],
  ["where nothing acts", LOG, "x86_64", { ...MACHINES.hooks, canModifyReturn: true }, false],
] as const)
  test(`enforcePlan(): io_uring ${what}`, () => {
    const block = blocksOf(exactly("unlinkat", more), machine).find((one) => one.abi === abi);
    assert.deepEqual(block?.ringHooks.includes("path_unlink"), seen);
  });

for (const [call, errno, problem] of [
  ["unlink", 1, undefined],
  ["kill", 1, undefined],
  ["kill", 3, /repeats a kill for ever/],
  ["unlink", 3, undefined],
  ["prctl", 38, /ENOSYS .* means `continue`/],
  ["kill", 38, undefined],
  ["openat", 518, /ESTALE/],
  ["mkdir", 518, undefined],
  ["unlink", 529, /under way/],
  ["getppid", 529, /under way/],
] as const) {
  test(`errnoProblem() of ${errno} from ${call}`, () => {
    const found = errnoProblem(call, errno);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", problem);
  });
}

for (const [what, call, errno, machine, reason] of [
  ["what hooks may return", "kill", 1, MACHINES.hooks, undefined],
  ["what hooks must not return", "kill", 3, MACHINES.hooks, /repeats a kill .*: another error/],
  ["what only hooks must not return", "kill", 3, MACHINES.modifies, undefined],
  ["a call that no hook sees", "getppid", 1, MACHINES.hooks, /no security hook sees .*KPROBE/],
  ["any call", "kill", 1, MACHINES.tracepoints, /lets no program decide .*sct run/],
] as const)
  test(`refuseUnenforceable() of ${what}`, () => {
    const rule = exactly(call, `action { type = FAIL error_code = ${errno} }`);
    const found = refuseUnenforceable(blocksOf(rule, machine), machine);
    if (reason === undefined) assert.deepEqual(found, []);
    else {
      assert.equal(found.length, 1);
      assert.match(`${found[0]?.message}: ${found[0]?.hint}`, reason);
    }
  });
