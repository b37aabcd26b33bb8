/** What the prefix of a line can show of a call. */
export interface LineCall {
  readonly nr: number;
  readonly ip: bigint;
}
