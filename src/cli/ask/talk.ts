/** A conversation on the terminal, for as long as it is ours. Both reject when it is over. */
export interface Talk {
  say(text: string): Promise<void>;
  /** The next line that is typed, with its end. */
  line(): Promise<string>;
}
