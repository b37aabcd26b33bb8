/** Which calls are about one of some files: by a name that they are given, or by a descriptor. */
import { realpathSync } from "node:fs";
import type { DecodeContext } from "../../decoding/index.ts";
import type { Abi } from "../../language/index.ts";
import { callName, findCall } from "../../linux/index.ts";
import type { ProcessMemory } from "../../sys/index.ts";

const LONGEST = 4096;
const AT_FDCWD = -100;

interface FileArguments {
  readonly names: readonly number[];
  readonly descriptors: readonly number[];
}

export class PathFilter {
  readonly #paths: Set<string>;
  readonly #memory: ProcessMemory;
  readonly #known: Record<Abi, (FileArguments | undefined)[]> = { x86_64: [], i386: [] };

  constructor(paths: readonly string[], memory: ProcessMemory) {
    this.#paths = new Set(paths.flatMap((path) => [path, fileBehindLinks(path) ?? path]));
    this.#memory = memory;
  }

  holds(tid: number, { nr, abi, args, descriptor }: DecodeContext): boolean {
    if (this.#paths.size === 0) return true;
    const { names, descriptors } = this.#argumentsOf(nr, abi);
    return (
      names.some((i) => this.#paths.has(this.#name(tid, args[i] ?? 0n))) ||
      descriptors.some((i) => {
        const fd = Number(BigInt.asIntN(32, args[i] ?? 0n));
        const path = fd === AT_FDCWD ? undefined : descriptor(fd);
        return path !== undefined && this.#paths.has(path);
      })
    );
  }

  #name(tid: number, address: bigint): string {
    const text = this.#memory.readText(tid, Number(address), LONGEST);
    return text === undefined ? "" : Buffer.from(text.bytes).toString("utf8");
  }

  #argumentsOf(nr: number, abi: Abi): FileArguments {
    const known = this.#known[abi][nr];
    if (known !== undefined) return known;
    const params = findCall(callName(nr, abi) ?? "", abi)?.params ?? [];
    const indexes = (isOne: (param: (typeof params)[number]) => boolean): readonly number[] =>
      params.flatMap((param, i) => (isOne(param) ? [i] : []));
    const found = {
      names: indexes(({ type }) => type.kind === "path" || type.kind === "string"),
      descriptors: indexes(({ type }) => type.semantic === "fd" || type.semantic === "dirfd"),
    };
    this.#known[abi][nr] = found;
    return found;
  }
}

/** The file that a path leads to; undefined: there is none, or it is that path. */
export function fileBehindLinks(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return real === path ? undefined : real;
  } catch {
    return undefined;
  }
}
