/** The directories of descriptors that paths of a call begin at: `unlinkat(3</tmp>, "x")`. */
import { namesInDirectories } from "../../language/index.ts";
import { TailStatus } from "../layout.ts";
import type { RecordReader } from "../record-reader.ts";
import type { Site } from "../site.ts";

const SLASH = 0x2f;

/** Whether the record has the directory, and the path begins at it: an absolute one does not. */
export function dirTest(site: Site, nth: number): (record: RecordReader) => boolean {
  const index = namesInDirectories(site.presentation).find((name) => name.nth === nth)?.index;
  if (index === undefined) return () => false;
  return (record) => {
    const status = record.objectStatus(record.objectSlot("dir", nth));
    if (status !== TailStatus.ok && status !== TailStatus.truncated) return false;
    const text = record.textStatus(index);
    if (text !== TailStatus.ok && text !== TailStatus.truncated) return false;
    const start = record.textStart(index);
    return start < record.textEnd(index) && record.memory[start] !== SLASH;
  };
}
