/** The memory that the guard and JavaScript share: what each offset holds. */

export const GuardBlock = {
  /** Of the command: script, flags of clone, stack. */
  script: 0,
  flags: 8,
  stack: 16,
  /** Of the command: pid or -errno; 0 before it is known. */
  pid: 24,
  hasEnded: 32,
  /** sct. */
  parent: 36,
  /** Descriptors: the file that this block is in, and the gate before which the command waits. */
  image: 40,
  gate: 44,
  signals: 48,
  anyStatus: 56,
  status: 60,
  /** Pointers to the title and NULL, for execve. */
  argv: 64,
  /** What opens the gate. */
  one: 80,
  /** Text; its NUL serves as the empty text. */
  name: 88,
  title: 96,
  /** Of the file with the list of children. */
  path: 112,
  /** 4096 bytes of it. */
  buffer: 144,
  /** struct timespec: how long it waits between two looks at its children. */
  pause: 4240,
} as const;

/** Whole pages. */
export const GUARD_BLOCK_SIZE = 8192;
/** PR_SET_PDEATHSIG; nobody else sends it. */
export const GUARD_SIGNAL = 64;
