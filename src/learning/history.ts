/** How often a policy was learned, in a line of its file. */

export interface LearnedRuns {
  readonly runs: number;
  /** The last ones of them that have brought nothing new. */
  readonly silent: number;
}

const LINE = /^# learned by `sct learn`: (\d{1,9}) runs?, nothing new in the last (\d{1,9})$/m;

/** Undefined: the file was not learned, or its line is gone. */
export function learnedRuns(text: string): LearnedRuns | undefined {
  const found = LINE.exec(text);
  return found === null ? undefined : { runs: Number(found[1]), silent: Number(found[2]) };
}

/** After one more run. */
export function nextRun({ runs, silent }: LearnedRuns, hasNews: boolean): LearnedRuns {
  return { runs: runs + 1, silent: hasNews ? 0 : silent + 1 };
}

export function learnedLine({ runs, silent }: LearnedRuns): string {
  return `# learned by \`sct learn\`: ${runs} ${runs === 1 ? "run" : "runs"}, nothing new in the last ${silent}`;
}

/** The text with its line for these runs; without such a line it gets one. */
export function withRuns(text: string, runs: LearnedRuns): string {
  const line = learnedLine(runs);
  return LINE.test(text) ? text.replace(LINE, () => line) : `${line}\n${text}`;
}
