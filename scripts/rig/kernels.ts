// Names of kernels, and what they stand for: an image, its modules, further kernel arguments.

import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { debianKernelFolder } from "./debian-package.ts";
import { RigError } from "./rig-error.ts";

export interface Kernel {
  /** As asked for, arguments included: `debian-6.12+preempt=full`. */
  readonly label: string;
  /** Without arguments: what tests in the guest see as SCT_GUEST. */
  readonly name: string;
  readonly image: string;
  /** `…/lib/modules/<release>`; absent where all that the rig needs is built in. */
  readonly modules?: string;
  readonly append: readonly string[];
}

export const KERNEL_NAMES = ["debian-6.1", "debian-6.12", "errinj-6.12"] as const;

/** An argument of the kernel, and what the rig's first stage goes by: systemd is process 1, not the command's shell. */
const SYSTEMD_ARGUMENT = "init=systemd";

/** Whether the guest of this kernel is booted by systemd. */
export function bootsSystemd({ append }: { readonly append: readonly string[] }): boolean {
  return append.includes(SYSTEMD_ARGUMENT);
}

/** `NAME|PATH[+argument=value]…`. A `+` that belongs to a path is not followed by `key=value`. */
export function parseKernelSpec(spec: string): { name: string; append: string[] } {
  const [, name = spec, rest = ""] = /^(.*?)((?:\+[\w.]+=[^+]*)*)$/.exec(spec) ?? [];
  return { name, append: rest.split("+").slice(1) };
}

export function findKernel(spec: string): Kernel {
  const { name, append } = parseKernelSpec(spec);
  const label = spec;
  const debian = /^debian-(\d+\.\d+)$/.exec(name)?.[1];
  if (debian) {
    const image = onlyImage(join(debianKernelFolder(debian), "boot"));
    return { label, name, append, ...withModules(image) };
  }
  const errorInjection = /^errinj-(\d+\.\d+)$/.exec(name)?.[1];
  if (errorInjection) {
    const image = join(errorInjectionFolder(name), `bzImage-${errorInjection}-errinj`);
    requireImage(image, name);
    return { label, name, append, image };
  }
  if (!name.includes("/")) {
    throw new RigError(
      "usage",
      `Cannot find a kernel called "${name}"`,
      `Known: ${KERNEL_NAMES.join(", ")}, or a path with a slash to a bzImage`,
    );
  }
  requireImage(name, name);
  return { label, name: basename(name), append, ...withModules(resolve(name)) };
}

function errorInjectionFolder(name: string): string {
  const { SCT_ERRINJ_KERNEL_DIR: folder } = process.env;
  if (folder) return folder;
  throw new RigError(
    "no_kernel",
    `Cannot find the kernel ${name}: SCT_ERRINJ_KERNEL_DIR is not set`,
    "docs/howto/vm.md says how to build one",
  );
}

function onlyImage(bootFolder: string): string {
  const images = readdirSync(bootFolder).filter((file) => file.startsWith("vmlinuz-"));
  const [image] = images;
  if (image && images.length === 1) return join(bootFolder, image);
  throw new RigError(
    "no_kernel",
    `Cannot choose a kernel image in ${bootFolder}: ${images.length} found`,
    "Remove this folder to fetch it again",
  );
}

/** An image called vmlinuz-<release> has its modules where a package puts them: ../lib/modules/<release>. */
function withModules(image: string): { image: string; modules?: string } {
  const release = /^vmlinuz-(.+)$/.exec(basename(image))?.[1];
  if (!release) return { image };
  const modules = join(dirname(image), "..", "lib", "modules", release);
  return existsSync(modules) ? { image, modules } : { image };
}

function requireImage(image: string, name: string): void {
  if (existsSync(image)) return;
  throw new RigError("no_kernel", `Cannot find the kernel ${name}: no file ${image}`);
}
