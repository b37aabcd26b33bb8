import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { SyscallError, UnsupportedError } from "../sys/index.ts";
import { InconclusiveProbeError, isUsable, outcomeOf } from "./probe-outcome.ts";
import { VMLINUX_BTF } from "./vmlinux-btf.ts";

const failure = (errno: number): SyscallError =>
  new SyscallError({ call: "bpf", command: "BPF_PROG_LOAD", errno });

for (const [name, errno, outcome] of [
  ["EINVAL", 22, "not supported"],
  ["EOPNOTSUPP", 95, "not supported"],
  ["ENOSYS", 38, "not supported"],
  ["EPERM", 1, "refused"],
  ["EACCES", 13, "refused"],
  ["EMFILE", 24, "inconclusive"],
  ["ENFILE", 23, "inconclusive"],
  ["ENOMEM", 12, "inconclusive"],
  ["EAGAIN", 11, "inconclusive"],
] as const)
  test(`outcomeOf() takes ${name} for: ${outcome}`, () => {
    const result = outcomeOf(failure(errno));
    assert.equal(result.outcome, outcome);
    assert.ok("reason" in result && result.reason === `BPF_PROG_LOAD gives ${name}`);
  });

test("isUsable() makes nothing of a probe that was not carried out", () => {
  assert.equal(isUsable("x", { outcome: "supported" }), true);
  assert.equal(isUsable("x", outcomeOf(failure(22))), false);
  assert.equal(isUsable("x", outcomeOf(failure(1))), false);
  assert.equal(isUsable("x", outcomeOf(new UnsupportedError("x", "5.4"))), false);
  assert.throws(
    () => isUsable("lsm programs", outcomeOf(failure(24))),
    (error) =>
      error instanceof InconclusiveProbeError &&
      error.message ===
        "Cannot find out whether this kernel has lsm programs: BPF_PROG_LOAD gives EMFILE" &&
      error.hint === "raise the limit of open files (ulimit -n)",
  );
});

/** Uses up all descriptors, probes, gives them back and probes once more. */
const STARVED = `
import { closeSync, openSync } from "node:fs";
import { FEATURES } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
FEATURES[1].probe(); // loads what it needs of ours
const probe = () => FEATURES.map((feature) => feature.probe());
const held = [];
try { for (;;) held.push(openSync("/dev/null")); } catch {}
const starved = probe();
for (const fd of held) closeSync(fd);
console.log(JSON.stringify([starved, probe()]));`;

test("FEATURES: without descriptors nothing is taken for missing, and asked again it is there", (t) => {
  if (!existsSync(VMLINUX_BTF)) return t.skip("the kernel has no type information");
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", `ulimit -n 200; exec "$0" --input-type=module -e "$1"`, process.execPath, STARVED],
    { encoding: "utf8" },
  );
  assert.notEqual(stdout, "", stderr);
  const [starved, fed] = JSON.parse(stdout) as { outcome: string }[][];
  // what the kernel lacks it lacks in any case
  for (const [i, { outcome }] of (starved ?? []).entries())
    assert.ok(
      outcome !== "supported" && (outcome !== "not supported" || fed?.[i]?.outcome === outcome),
    );
  assert.equal(starved?.[0]?.outcome, "inconclusive");
  assert.equal(fed?.[0]?.outcome, "supported");
});
