/** What the shell gets; the same for every command. */
export const ExitCode = {
  good: 0,
  /** The tool worked and found something: a bad rule, a failed test. */
  found: 1,
  usage: 2,
  /** This machine cannot: privilege, kernel, busy. */
  machine: 3,
  /** Our bug. */
  bug: 70,
  /** Of the service alone, EX_TEMPFAIL: the machine said no, and may say yes when it is started again. */
  again: 75,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
