/** Where and with what the numbers were made. */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { contenders } from "./contenders/index.ts";

export function describeMachine(): string[] {
  const versions = new Map<string, string>();
  for (const { name, version } of contenders) {
    const [tool = name] = name.split(" ");
    if (version !== "") versions.set(tool, version ?? "not installed");
  }
  const governed = [...versions].map(([tool, version]) => `${tool} ${version}`);
  return [
    `${cpus().length} × ${processor()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `Linux ${release()}`,
    [...governed, `Node.js ${process.version}`].join(", "),
  ];
}

export function describeLoad(): string {
  const [minute = 0] = loadavg();
  return minute.toFixed(1);
}

function processor(): string {
  const isVirtual = /^flags.*\bhypervisor\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  return `${cpus()[0]?.model ?? "unknown processor"}${isVirtual ? " (virtual machine)" : ""}`;
}
