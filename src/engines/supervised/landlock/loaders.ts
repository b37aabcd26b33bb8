/**
 * Loaders of dynamic programs. The kernel opens them itself when it executes a program, and Landlock asks for the right to execute them
 * then. Rules see only what execve names: there a loader is a program like any other, which could execute every file that can be read.
 */
import type { AllowedFile, PolicyPart } from "../../../language/checked/index.ts";

/** Of glibc and musl, for both ABIs. */
const DYNAMIC_LOADERS = [
  "/lib64/ld-linux-x86-64.so.2",
  "/lib/ld-linux.so.2",
  "/lib/ld-musl-x86_64.so.1",
];

/** What Landlock must let be executed, for programs in the list to start. */
export function withLoaders({ files, list }: PolicyPart): readonly AllowedFile[] {
  if (files.every(({ negated }) => negated)) return files;
  const loaders = DYNAMIC_LOADERS.map((name) => {
    const text = new TextEncoder().encode(name);
    return { negated: false, form: "name", text, span: list } as const;
  });
  return [...loaders, ...files];
}

/** Loaders are for some machines only, and nobody listed them. */
export function isLoader(name: string): boolean {
  return DYNAMIC_LOADERS.includes(name);
}
