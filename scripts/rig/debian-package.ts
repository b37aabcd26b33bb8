// Debian's stock kernels, fetched by the machine's own apt and unpacked beside the system, never installed.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RigError } from "./rig-error.ts";

function cacheFolder(): string {
  const { SCT_VM_CACHE: folder = join(homedir(), ".cache", "syscalltrack", "vm") } = process.env;
  return folder;
}

/**
 * The folder with `boot` and `lib/modules` of the newest kernel of a series ("6.12") that apt knows.
 * What is in the cache is taken as it is: remove the folder to get a newer build.
 */
export function debianKernelFolder(series: string): string {
  const folder = join(cacheFolder(), `debian-${series}`);
  if (existsSync(folder)) return folder;
  const name = imagePackage(series);
  process.stderr.write(`vm: fetching ${name} into ${folder}\n`);
  mkdirSync(cacheFolder(), { recursive: true });
  // Unpacked elsewhere and renamed, so that an interrupted or a second run never leaves half a kernel.
  const scratch = mkdtempSync(join(cacheFolder(), "unpack-"));
  try {
    run("apt-get", ["-q", "download", name], scratch);
    const archive = readdirSync(scratch).find((file) => file.endsWith(".deb"));
    if (!archive) throw new RigError("no_package", `Cannot find the downloaded package of ${name}`);
    run("dpkg-deb", ["-x", archive, "tree"], scratch);
    if (!existsSync(folder)) renameSync(join(scratch, "tree"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

/** The real package behind the meta packages: its name holds the ABI, which changes with most updates. */
function imagePackage(series: string): string {
  for (const meta of [`linux-image-${series}-amd64`, "linux-image-amd64"]) {
    const found = dependencyOfSeries(aptDepends(meta), series);
    if (found) return found;
  }
  throw new RigError(
    "no_package",
    `Cannot find a package of Linux ${series} in the package lists of apt`,
    "Run apt-get update; Debian 12 with its security archive has 6.1 and 6.12",
  );
}

/** Exported for its test: picks `linux-image-6.12.117+deb12-amd64` out of what `apt-cache depends` prints. */
export function dependencyOfSeries(depends: string, series: string): string | undefined {
  const names = [...depends.matchAll(/Depends: (linux-image-\S+)/g)].map((match) => match[1] ?? "");
  return names.find((name) => name.startsWith(`linux-image-${series}.`));
}

function aptDepends(meta: string): string {
  try {
    return execFileSync("apt-cache", ["depends", meta], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return ""; // apt-cache knows no such package, or this is not Debian: both end in no_package
  }
}

function run(command: string, args: string[], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, stdio: "pipe" });
  } catch (cause) {
    const output = (cause as { stderr?: Buffer }).stderr?.toString().trim();
    throw new RigError(
      "no_package",
      `Cannot run ${command} ${args.join(" ")}`,
      output || undefined,
      cause,
    );
  }
}
