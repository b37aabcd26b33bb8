/** A descriptor for our lines that the parent process has opened. */
import { isOpen } from "../../sys/index.ts";
import { InputError, UsageError } from "../errors.ts";

/** The number of an open descriptor, which the command then does not get: its reader would wait for the command too. */
export function openDescriptor(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--json-fd takes a number: '${text}'`);
  const fd = Number(text);
  const given = process.env["SCT_DESCRIPTORS"]?.split(" ");
  // one that Node has opened is not meant
  if (!isOpen(fd) || given?.includes(String(fd)) === false)
    throw new InputError(`cannot write to descriptor ${fd}: it is not open`);
  if (fd > 2 && given !== undefined)
    process.env["SCT_DESCRIPTORS"] = given.filter((one) => one !== String(fd)).join(" ");
  return fd;
}
