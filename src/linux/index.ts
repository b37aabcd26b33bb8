/** What Linux calls are: names, numbers, parameters, constants, variants. Data and lookups, no effects. */

export type { ArgumentRegister } from "./arch/arch.ts";
export { abis, archOf, byAbi, compatTest, isNative, nativeAbi, wordSize } from "./arch/machine.ts";
export type { Change, Escape } from "./call/row.ts";
export { callsWhere, rowOf } from "./call/rows.ts";
export { type CallInfo, callInfo } from "./call-info.ts";
export { type Call, callName, findCall } from "./calls.ts";
export { membersOf } from "./command-types.ts";
export {
  errnoNameOf,
  errnoText,
  findConstant,
  findPrintedConstant,
  listConstantsOf,
  listPrintedConstantsOf,
} from "./constants.ts";
export { type Dependence, dependenceOf, UNUSED } from "./dependent-symbols.ts";
export {
  errnoProblem,
  fileHooksOf,
  filesOfHook,
  getsFile,
  hookFunction,
  hooksOf,
  isForFilesOnly,
  needsLookup,
  needsUnixSockets,
  turnOfFile,
} from "./hook/hooks.ts";
export type { FileArgument, HookTurn } from "./hook/notation.ts";
export type { Param } from "./prototype.ts";
export { type RingUseOf, ringHooksOf, ringOperation, ringUsesOf } from "./ring-operations.ts";
export { formatCallInfo, formatCallTable, formatClass } from "./show.ts";
export { fieldsOf } from "./structs.ts";
export type { SymbolSet } from "./symbol-sets/notation.ts";
export { symbolSet } from "./symbol-sets.ts";
export { formatSymbol } from "./symbols.ts";
export { vocabulary } from "./vocabulary.ts";
