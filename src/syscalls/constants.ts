/** Named constants of the headers and their values; error numbers both ways. */
import { errors } from "./flags/errors.generated.ts";
import { events } from "./flags/events.generated.ts";
import { files } from "./flags/files.generated.ts";
import { memory } from "./flags/memory.generated.ts";
import { network } from "./flags/network.generated.ts";
import { processes } from "./flags/processes.generated.ts";
import { system } from "./flags/system.generated.ts";

const groups = [errors, files, processes, memory, network, events, system];

/** What the kernel answers to itself; seen by tracers when a call is interrupted or unknown to a driver. */
const internalErrors: Readonly<Record<string, number>> = {
  ERESTARTSYS: 512,
  ERESTARTNOINTR: 513,
  ERESTARTNOHAND: 514,
  ENOIOCTLCMD: 515,
  ERESTART_RESTARTBLOCK: 516,
  EPROBE_DEFER: 517,
  EOPENSTALE: 518,
  ENOPARAM: 519,
  ENOTSUPP: 524,
};

let index: ReadonlyMap<string, bigint> | undefined;
let names: ReadonlyMap<number, string> | undefined;

/** Value of a constant. */
export function findConstant(name: string): bigint | undefined {
  return constants().get(name);
}

/** All names, by header. */
export function listConstantNames(): Iterable<string> {
  return constants().keys();
}

/** Number of an error name. */
export function errnoOf(name: string): number | undefined {
  const value = errors["asm/errno.h"]?.[name] ?? internalErrors[name];
  return value === undefined ? undefined : Number(value);
}

/** Name of an error number; of two names for one number the first that the header has. */
export function errnoNameOf(number: number): string | undefined {
  if (names === undefined) {
    const all = Object.entries({ ...errors["asm/errno.h"], ...internalErrors });
    // later entries win in a Map, the first name is to win
    names = new Map(all.reverse().map(([name, value]) => [Number(value), name]));
  }
  return names.get(number);
}

/** Of equal names in two headers (they agree, a test says) the first counts. */
function constants(): ReadonlyMap<string, bigint> {
  if (index !== undefined) return index;
  const all = new Map<string, bigint>();
  for (const group of groups) {
    for (const header of Object.values(group)) {
      for (const name in header) {
        if (!all.has(name)) all.set(name, BigInt(header[name] ?? 0));
      }
    }
  }
  index = all;
  return all;
}
