/** The password of a run, by which its command is known: other users of the machine can reach the port, too. */
import { randomBytes, timingSafeEqual } from "node:crypto";

export const PROXY_USER = "sct";

export const newPassword = (): string => randomBytes(24).toString("hex");

export function isPassword(given: Uint8Array, password: string): boolean {
  const wanted = Buffer.from(password);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** `Basic …` of the header Proxy-Authorization. */
export function isAuthorized(header: string | undefined, password: string): boolean {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return false;
  return isPassword(Buffer.from(encoded, "base64"), `${PROXY_USER}:${password}`);
}
