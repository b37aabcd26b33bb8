/** Which parameters of a call PATH is about, and how events number them. */
import type { Presentation, PresentedParam, ValueSource } from "./vocabulary.ts";

/** Names a file by text, be it in the address of a socket. */
function isName({ type, address }: PresentedParam): boolean {
  return type.kind === "path" || address !== undefined;
}

/** Whether FD[n] has a meaning for the parameter. */
export function isDescriptor({ type }: PresentedParam): boolean {
  return type.semantic === "fd" || type.semantic === "dirfd";
}

/** Whether PATH[n] has a meaning for the parameter. */
export function meansFile(param: PresentedParam): boolean {
  return isName(param) || isDescriptor(param);
}

/** Positions, from 1, in the order of their numbers in events: parameters with names, or else descriptors. */
export function fileParameters({ params }: Pick<Presentation, "params">): readonly number[] {
  const known = positionsOf.get(params);
  if (known !== undefined) return known;
  const found = findPositions(params);
  positionsOf.set(params, found);
  return found;
}

/** Asked for each call, by the supervised engine. */
const positionsOf = new WeakMap<readonly PresentedParam[], readonly number[]>();

function findPositions(params: readonly PresentedParam[]): number[] {
  const positions = (fits: (param: PresentedParam) => boolean): number[] =>
    params.flatMap((param, i) => (fits(param) ? [i + 1] : []));
  const names = positions(isName);
  return names.length > 0 ? names : positions(isDescriptor);
}

/**
 * Number, from 0, of the file that PATH[index] means; PATH alone (0) is the first. Undefined: a parameter without one, as
 * a descriptor beside names.
 */
export function fileNumber(
  presentation: Pick<Presentation, "params">,
  index: number,
): number | undefined {
  const files = fileParameters(presentation);
  if (files.length === 0) return undefined;
  if (index === 0) return 0;
  const nth = files.indexOf(index);
  return nth < 0 ? undefined : nth;
}

/** A name that may begin at the directory of a descriptor. */
export interface NameInDirectory {
  /** Number of the file, from 0, as fileNumber gives it. */
  readonly nth: number;
  /** Position of the name among the parameters, from 1. */
  readonly index: number;
  readonly dirfd: ValueSource;
}

export function namesInDirectories(presentation: Pick<Presentation, "params">): NameInDirectory[] {
  return fileParameters(presentation).flatMap((index, nth) => {
    const param = presentation.params[index - 1];
    if (param?.type.kind !== "path" || param.dirfd === undefined) return [];
    return [{ nth, index, dirfd: param.dirfd }];
  });
}
