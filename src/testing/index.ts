/** `syscalltrack/testing`: which system calls does a command or a function make? See docs/library.md. */
export { assertNoSyscalls, assertSyscalls, type Expected } from "./assert.ts";
export {
  type Recording,
  type RecordOptions,
  recordSyscalls,
  type Selector,
  type Subject,
} from "./record.ts";
