/** What may be known of a load while it lasts, and how it is ended. */

export interface LoadProgress {
  readonly stage: "compiling" | "verifying" | "attaching";
  /** Of the programs that the rules have become; 0 while they are compiled. */
  readonly total: number;
  /** Those of them that are verified or attached. */
  readonly done: number;
  /** Indexes of the rules that the program under way works for. */
  readonly rules: readonly number[];
}

/** What a load reports to its caller. */
export interface LoadSteps {
  progress(progress: LoadProgress): void;
  /** Whether nobody wants it any more; asked again and again. */
  isAborted(): boolean;
  /** A descriptor that was opened for the rules. Said at once: somebody may have to close it in place of this thread. */
  opened(fd: number): void;
  /** All that were opened are closed again. */
  closed(): void;
}

/** For loads that nobody looks at. */
export const UNWATCHED: LoadSteps = {
  progress() {},
  isAborted: () => false,
  opened() {},
  closed() {},
};
