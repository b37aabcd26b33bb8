/** Where the kernel keeps what it knows of a caller behind pointers: from its type information. */
import type { Btf } from "../../bpf/index.ts";
import type { GroupFacts, KernelFacts, WalkStep } from "../../compiler/index.ts";
import { type KernelStep, VARIABLES, type VariableName } from "../../variables/index.ts";

/** The ways that this kernel has; what it lacks is absent. */
export function callerFacts(btf: Btf): Pick<KernelFacts, "walks" | "groups"> {
  const walks: Partial<Record<VariableName, readonly WalkStep[]>> = {};
  for (const [name, { kernel }] of VARIABLES) {
    if (kernel.from !== "walk") continue;
    const steps = kernel.steps.map((step) => stepOf(btf, step));
    if (steps.every((step) => step !== undefined)) walks[name] = steps;
  }
  const groups = groupFacts(btf);
  return groups === undefined ? { walks } : { walks, groups };
}

/** Elements of such an array are those of struct pid: one struct upid for each level. */
function stepOf(btf: Btf, { struct, member, ofLast }: KernelStep): WalkStep | undefined {
  const offset = btf.memberOffset(struct, member)?.offset;
  if (offset === undefined || ofLast === undefined)
    return offset === undefined ? undefined : { offset };
  const level = btf.memberOffset(struct, "level")?.offset;
  const inside = btf.memberOffset("upid", ofLast)?.offset;
  const size = btf.structSize("upid");
  if (level === undefined || inside === undefined || size === undefined) return undefined;
  return { offset: offset + inside, level, size };
}

function groupFacts(btf: Btf): GroupFacts | undefined {
  const at = (struct: string, member: string): number | undefined =>
    btf.memberOffset(struct, member)?.offset;
  const members = {
    ofTask: at("task_struct", "cgroups"),
    unified: at("css_set", "dfl_cgrp"),
    controllers: at("css_set", "subsys"),
    ofController: at("cgroup_subsys_state", "cgroup"),
    root: at("cgroup", "root"),
    node: at("cgroup", "kn"),
    name: at("kernfs_node", "name"),
    // renamed in Linux 6.15
    parent: at("kernfs_node", "parent") ?? at("kernfs_node", "__parent"),
  };
  const isWhole = (found: typeof members): found is { [K in keyof typeof members]: number } =>
    Object.values(found).every((one) => one !== undefined);
  return isWhole(members) ? members : undefined;
}
