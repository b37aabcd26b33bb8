/** The package as users install it: compiled, so that a start does not measure the stripping of types. */
import { execFileSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workplace } from "./trigger.ts";

let built: string | undefined;

/** Builds it from the checkout, once; returns the path of its `sct`. */
export function buildPackage(): string {
  built ??= build();
  return built;
}

function build(): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const to = join(workplace, "package");
  for (const name of ["bin", "package.json"])
    cpSync(join(root, name), join(to, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(to, "node_modules"));
  // last: it runs the program once
  execFileSync(process.execPath, [join(root, "scripts/build/main.ts"), to], { stdio: "inherit" });
  return join(to, "bin/sct");
}
