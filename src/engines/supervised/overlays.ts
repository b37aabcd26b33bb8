/**
 * An overlay shows the files of its layers under names of its own, and changes its upper one from inside the kernel: rules by
 * PATH would have a hole, for programs with a user namespace of their own. So an overlay fails with EPERM where a layer may
 * hold what a rule that doesMoreThanLog means. All others are mounted as ever.
 */
import { AT_FDCWD } from "../../base/linux-abi.ts";
import type { CheckedRule } from "../../language/index.ts";
import { EPERM } from "../../sys/index.ts";
import type { CallContext } from "./call/call-context.ts";
import { callsEscaping, type Numbers, numbersOf } from "./call-numbers.ts";
import { mayMean } from "./may-mean.ts";
import type { PlainCall } from "./own-processes.ts";
import { doesMoreThanLog } from "./rule-index.ts";
import { type Path, pathText } from "./task/path-text.ts";

const TYPES: ReadonlySet<string> = new Set(["overlay", "overlayfs"]);
/** Options that name layers; of some, several with colons between. */
const LAYERS: ReadonlySet<string> = new Set(["upperdir", "lowerdir", "lowerdir+", "datadir+"]);
/** enum fsconfig_command of include/uapi/linux/mount.h */
const FSCONFIG = { SET_STRING: 1, SET_PATH: 3, SET_PATH_EMPTY: 4, SET_FD: 5 } as const;
const LONGEST_TEXT = 4096;

/** How a layer is named: by a path from a directory, or by a descriptor. */
interface Layer {
  readonly path?: Uint8Array;
  readonly dirfd: number;
}

/** Undefined: it cannot be read which. */
type Layers = readonly Layer[] | undefined;

export class OverlayRefusal {
  /** Numbers of calls that may mount one; none where no rule has anything to lose. */
  readonly numbers: Numbers;
  readonly #mount: Numbers;
  readonly #rules: readonly CheckedRule[];
  readonly #report: (line: string) => void;
  #isReported = false;

  constructor(rules: readonly CheckedRule[], report: (line: string) => void) {
    this.#report = report;
    const calls = callsEscaping("mounts-layers", "configures-layers");
    // the rules decide on it themselves
    const isNamed = rules.some(
      ({ targets, when }) => when === "before" && targets.some(({ name }) => calls.includes(name)),
    );
    this.#rules = isNamed
      ? []
      : rules.filter((rule) => rule.when === "before" && doesMoreThanLog(rule));
    this.numbers = numbersOf(this.#rules.length > 0 ? calls : []);
    this.#mount = numbersOf(callsEscaping("mounts-layers"));
  }

  errnoFor(call: PlainCall, context: CallContext): number | undefined {
    if (!this.numbers[call.abi].has(call.nr)) return undefined;
    for (const layer of this.#layersOf(call, context) ?? [undefined]) {
      const name = layer === undefined ? undefined : nameOf(call, layer, context);
      // no such layer: the kernel says so itself
      if (name === "refused") continue;
      const rule = this.#rules.find((one) => name === undefined || mayMean(one, name));
      if (rule === undefined) continue;
      if (!this.#isReported)
        this.#report(
          `an overlay by process ${call.tid}, and every such one, fails with EPERM: rules such as '${rule.name}' would not know the files of ${name === undefined ? "its layers" : `'${name}'`} in it`,
        );
      this.#isReported = true;
      return EPERM;
    }
    return undefined;
  }

  #layersOf({ abi, nr, args, tid }: PlainCall, context: CallContext): Layers {
    const textAt = (index: number): Uint8Array | undefined => {
      const owner = context.tasks.files.ownerOf(tid);
      const read = context.memory.readText(owner, Number(args[index] ?? 0n), LONGEST_TEXT);
      return read?.truncated === false ? read.bytes : undefined;
    };
    if (this.#mount[abi].has(nr)) {
      if (args[2] === 0n) return [];
      const type = textAt(2);
      if (type !== undefined && !TYPES.has(pathText(type))) return [];
      const data = args[4] === 0n ? new Uint8Array() : textAt(4);
      return type && data && layersIn(pathText(data));
    }
    const key = textAt(2);
    if (key === undefined || !LAYERS.has(pathText(key))) return key && [];
    const dirfd = Number(BigInt.asIntN(32, args[4] ?? 0n));
    switch (Number(BigInt.asUintN(32, args[1] ?? 0n))) {
      case FSCONFIG.SET_STRING: {
        const value = textAt(3);
        return value && layersIn(`${pathText(key)}=${pathText(value).replaceAll(",", "\\,")}`);
      }
      case FSCONFIG.SET_PATH:
      case FSCONFIG.SET_PATH_EMPTY: {
        const path = textAt(3);
        return path && [{ path, dirfd }];
      }
      case FSCONFIG.SET_FD:
        return [{ dirfd }];
      default:
        return [];
    }
  }
}

/** Of options like `lowerdir=/a:/b,upperdir=/c`; a backslash takes the next character as it is. */
function layersIn(options: string): Layer[] {
  const parts = (text: string, separator: RegExp): string[] =>
    text.match(new RegExp(`(?:\\\\.|[^${separator.source}\\\\])+`, "gs")) ?? [];
  return parts(options, /,/).flatMap((option) => {
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(option) ?? [];
    if (!LAYERS.has(key)) return [];
    const names = key === "lowerdir" ? parts(value, /:/) : [value];
    return names.map((name) => ({
      path: Buffer.from(name.replace(/\\(.)/gs, "$1"), "latin1"),
      dirfd: AT_FDCWD,
    }));
  });
}

/** Undefined: it cannot be found out; refused: there is no such directory. */
function nameOf(
  { tid }: PlainCall,
  { path, dirfd }: Layer,
  { tasks, paths }: CallContext,
): Path | "refused" | undefined {
  const credentials = tasks.see(tid)?.task.credentials();
  const { tgid, uids } = credentials ?? {};
  if (tgid === undefined) return undefined;
  const how = { mayBeEmpty: false, follow: true, isRoot: false };
  const found =
    path === undefined
      ? paths.openFile(tid, dirfd)
      : paths.resolve({ tid, tgid, fsuid: uids?.[3], dirfd, path, ...how });
  return found === undefined || found === "refused" ? found : found.name;
}
