// The kernel modules that a guest needs before it can see the host's files.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { RigError } from "./rig-error.ts";

/** In loading order: each needs some of those before it. */
const NEEDED = [
  "virtio_ring",
  "virtio",
  "virtio_pci_modern_dev",
  "virtio_pci_legacy_dev",
  "virtio_pci",
  "virtio_console",
  "netfs",
  "fscache",
  "9pnet",
  "9pnet_virtio",
  "9p",
  "overlay",
];

/** Not in every version: fscache became a part of netfs in 6.8, and older kernels have no netfs. */
const VERSION_DEPENDENT = ["virtio_pci_modern_dev", "virtio_pci_legacy_dev", "netfs", "fscache"];

export interface LoadableModule {
  readonly name: string;
  readonly data: Buffer;
}

/** Reads them uncompressed, so that the guest neither needs a decompressor nor waits for one. */
export function readNeededModules(modulesFolder: string, busybox: string): LoadableModule[] {
  const paths = modulePaths(modulesFolder);
  const builtIn = readFileSync(join(modulesFolder, "modules.builtin"), "utf8");
  return NEEDED.flatMap((name) => {
    const path = paths.get(name);
    if (path) return [{ name, data: readModule(path, busybox) }];
    if (VERSION_DEPENDENT.includes(name) || builtIn.includes(`/${name}.ko\n`)) return [];
    throw new RigError("no_module", `Cannot find the module ${name} in ${modulesFolder}`);
  });
}

function modulePaths(modulesFolder: string): Map<string, string> {
  const paths = new Map<string, string>();
  const kernel = join(modulesFolder, "kernel");
  for (const path of readdirSync(kernel, { recursive: true, encoding: "utf8" })) {
    const name = /^(.+)\.ko(\.\w+)?$/.exec(basename(path))?.[1];
    if (name) paths.set(name, join(kernel, path));
  }
  return paths;
}

function readModule(path: string, busybox: string): Buffer {
  switch (extname(path)) {
    case ".gz":
      return gunzipSync(readFileSync(path));
    case ".zst":
      return zstdDecompressSync(readFileSync(path));
    case ".xz":
      return execFileSync(busybox, ["unxz", "-c", path], { maxBuffer: 64 << 20 });
    default:
      return readFileSync(path);
  }
}
