/** The language's view of Linux, built piece by piece as it is asked for. */
import type { Mounting, Presentation, Vocabulary } from "../language/vocabulary.ts";
import { abis, wordSize } from "./arch/machine.ts";
import { listRows, rowOf } from "./call/rows.ts";
import { listCallNames } from "./calls.ts";
import { classMembers, listClassNames } from "./class-members.ts";
import { casesOf, findMember, listMembers } from "./command-types.ts";
import { errnoNameOf, errnoOf, findConstant, listConstantNames } from "./constants.ts";
import { fileHooksOf, getsFile } from "./hook/hooks.ts";
import { presentExactly, presentVariants } from "./presentations.ts";

type Presentations = readonly Presentation[] | undefined;
const known = {
  exact: new Map<string, Presentations>(),
  variants: new Map<string, Presentations>(),
};
let callNames: readonly string[] | undefined;
let mountings: readonly Mounting[] | undefined;

export const vocabulary: Vocabulary = {
  abis,
  wordSize,
  get callNames() {
    callNames ??= listCallNames();
    return callNames;
  },
  get classNames() {
    return listClassNames();
  },
  classMembers,
  presentations(name, match) {
    const cache = known[match];
    if (!cache.has(name)) {
      cache.set(name, match === "exact" ? presentExactly(name) : presentVariants(name));
    }
    return cache.get(name);
  },
  knowledge: (name) => ({ ...rowOf(name), isFileUnseen: !fileHooksOf(name).some(getsFile) }),
  get mountings() {
    mountings ??= listRows().flatMap(([call, { mounting }]) =>
      mounting === undefined ? [] : [{ call, ...mounting }],
    );
    return mountings;
  },
  constant: findConstant,
  get constantNames() {
    return listConstantNames();
  },
  errno: errnoOf,
  errnoName: errnoNameOf,
  structField: findMember,
  structFieldNames: listMembers,
  typeCases: casesOf,
};
