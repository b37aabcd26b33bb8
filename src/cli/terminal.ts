/** Columns of a terminal; undefined: the stream is none, and lines are as long as they are. */
export function widthOf(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | undefined {
  return stream.isTTY === true ? stream.columns || 80 : undefined;
}

/** Whether colours are wanted on a stream: on a terminal only, and never against NO_COLOR (no-color.org). */
export function hasColor(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, TERM } = process.env as Readonly<Record<string, string | undefined>>;
  return stream.isTTY === true && !NO_COLOR && TERM !== "dumb";
}
