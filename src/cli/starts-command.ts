/** Commands of sct that start one of the user's: they stand before it, have a program of their own and read its words as bytes. */
export function startsCommand(name: string | undefined): boolean {
  return name === "run" || name === "learn" || name === "trace";
}
