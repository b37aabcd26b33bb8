/** Whether colours are wanted on a stream: on a terminal only, and never against NO_COLOR (no-color.org). */
export function hasColor(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, TERM } = process.env as Readonly<Record<string, string | undefined>>;
  return stream.isTTY === true && !NO_COLOR && TERM !== "dumb";
}
