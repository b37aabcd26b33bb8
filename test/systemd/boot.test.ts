/** Rules of the state directory act before anything brings the network up. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { needsSystemd, said, show, showOf } from "./machine.ts";

/** What the probe of that name found, and when: µs since the kernel was started. */
function probe(name: string): { result: string; atUs: number } {
  const [result = "", seconds] = readFileSync(`/run/probe-${name}`, "utf8").split(" ");
  return { result, atUs: Number(seconds) * 1e6 };
}

test("rules come into force at boot, before the network", async (t) => {
  if (!needsSystemd(t)) return;
  assert.equal((await said("systemctl", "is-system-running", "--wait")).trim(), "running");
  assert.equal((await said("systemctl", "is-enabled", "syscalltrackd")).trim(), "enabled");
  // without rules it is deleted, so the rules are what keeps it
  const early = probe("before-rules");
  assert.equal(early.result, "gone");
  const late = probe("before-network");
  assert.equal(late.result, "kept");

  const { ActiveEnterTimestampMonotonic, InactiveExitTimestampMonotonic } = await show(
    "ActiveEnterTimestampMonotonic",
    "InactiveExitTimestampMonotonic",
  );
  const network = await showOf("network-pre.target", "ActiveEnterTimestampMonotonic");
  const order = [
    early.atUs,
    Number(InactiveExitTimestampMonotonic),
    Number(ActiveEnterTimestampMonotonic),
    Number(network["ActiveEnterTimestampMonotonic"]),
    late.atUs,
  ];
  // /proc/uptime has hundredths of a second
  for (const [i, at] of order.slice(1).entries())
    assert.ok(at > (order[i] ?? 0) - 10_000, order.join(" "));
  const ms = order.map((us) => Math.round((us - early.atUs) / 1000));
  t.diagnostic(`probe, start, ready, network-pre.target, probe: ${ms.join(", ")} ms`);
});

test("the service has notified systemd that it is ready", async (t) => {
  if (!needsSystemd(t)) return;
  const properties = ["Type", "ActiveState", "StatusText", "NRestarts"];
  assert.deepEqual(await show(...properties), {
    Type: "notify",
    ActiveState: "active",
    StatusText: "2 rules in force",
    NRestarts: "0",
  });
});
