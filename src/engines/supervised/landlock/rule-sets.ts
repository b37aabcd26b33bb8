/** Landlock of this kernel: its version, and rule sets as descriptors. */
import { realpathSync, statSync } from "node:fs";
import { AT_FDCWD, O_PATH_CLOEXEC } from "../../../base/linux-abi.ts";
import { check, Fd, Memory, syscall, X64 } from "../../../sys/index.ts";
import { Since } from "./abi.ts";
import type { ExistingPlace } from "./place.ts";
import type { Layer } from "./plan.ts";

const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const RULE_NET_PORT = 2;
/** Of landlock_restrict_self: denials of programs that are executed later are in the audit log, too. */
const LOG_NEW_EXEC_ON = 2;

/** 0: the kernel has none, or it is switched off. */
export function landlockVersion(): number {
  if (process.arch !== "x64") return 0;
  return Math.max(0, syscall(X64.landlock_create_ruleset, 0, 0, CREATE_RULESET_VERSION));
}

/** What a path leads to; a character of it is a byte. */
export function findPlace(path: string): ExistingPlace | undefined {
  try {
    const real = realpathSync(Buffer.from(path, "latin1"), { encoding: "buffer" });
    const kind = statSync(real).isDirectory() ? "folder" : "file";
    return { kind, real: real.toString("latin1") };
  } catch {
    return undefined;
  }
}

/** Flags of landlock_restrict_self. */
export function restrictFlags(version: number): number {
  return version >= Since.logging ? LOG_NEW_EXEC_ON : 0;
}

/** The rule set in the kernel. Throws SyscallError. */
export function createRuleSet({ files, ports, scopes, pathGrants, portGrants }: Layer): Fd {
  using attributes = Memory.allocate(24); // struct landlock_ruleset_attr
  attributes.view.setBigUint64(0, files, true);
  attributes.view.setBigUint64(8, ports, true);
  attributes.view.setBigUint64(16, scopes, true);
  // fields that a kernel does not know must not be there
  const size = scopes !== 0n ? 24 : ports === 0n ? 8 : 16;
  const number = syscall(X64.landlock_create_ruleset, attributes.address, size, 0);
  const ruleSet = new Fd(check(number, { call: "landlock_create_ruleset" }));
  try {
    for (const { place, rights } of pathGrants) addPath(ruleSet, place, rights);
    for (const { port, rights } of portGrants) addPort(ruleSet, port, rights);
    return ruleSet;
  } catch (error) {
    ruleSet.close();
    throw error;
  }
}

function addPath(ruleSet: Fd, { real }: ExistingPlace, rights: bigint): void {
  using name = Memory.from(Buffer.from(`${real}\0`, "latin1"));
  const opened = syscall(X64.openat, AT_FDCWD, name.address, O_PATH_CLOEXEC, 0);
  // gone since it was looked for: nothing is allowed there
  if (opened < 0) return;
  using file = new Fd(opened);
  using rule = Memory.allocate(12); // struct landlock_path_beneath_attr, packed
  rule.view.setBigUint64(0, rights, true);
  rule.view.setInt32(8, file.number, true);
  add(ruleSet, RULE_PATH_BENEATH, rule);
}

function addPort(ruleSet: Fd, port: number, rights: bigint): void {
  using rule = Memory.allocate(16); // struct landlock_net_port_attr
  rule.view.setBigUint64(0, rights, true);
  rule.view.setBigUint64(8, BigInt(port), true);
  add(ruleSet, RULE_NET_PORT, rule);
}

function add(ruleSet: Fd, kind: number, rule: Memory): void {
  const result = syscall(X64.landlock_add_rule, ruleSet.number, kind, rule.address, 0);
  check(result, { call: "landlock_add_rule" });
}
