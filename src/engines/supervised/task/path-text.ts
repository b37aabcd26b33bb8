/** Texts of paths, as they are compared and looked up. */

/** A path as text of one byte each, so that any file name survives. */
export type Path = string;

export function pathText(bytes: Uint8Array): Path {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
