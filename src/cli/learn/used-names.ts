/** The names that a call uses by which a rule of a policy decides, from its record: files, or an address with its port. */
import { endpointText } from "../../base/endpoint.ts";
import type { RecordReader, Site } from "../../events/index.ts";
import { TailStatus } from "../../events/layout.ts";
import { fileParameters, type PolicyRight } from "../../language/index.ts";

const MOVING = /^(?:rename|link)/;
const LINKING = /^symlink/;
/** The first two macros of rules on addresses are the address and its port. */
const ADDRESS = 0;
const PORT = 1;

/** With a character for each byte; none where they are not known. */
export function usedNames(
  reader: RecordReader,
  { presentation }: Site,
  right: PolicyRight,
): readonly string[] {
  if (right === "connect" || right === "listen") {
    const address = textIn(reader, reader.macroSlot(ADDRESS));
    const port = textIn(reader, reader.macroSlot(PORT));
    if (address === undefined || port === undefined || address === "") return [];
    return [endpointText(address, port)];
  }
  const parameters = fileParameters(presentation);
  const nth = LINKING.test(presentation.call)
    ? [parameters.indexOf(2)]
    : MOVING.test(presentation.call)
      ? [parameters.indexOf(1), parameters.indexOf(2)]
      : [0];
  return nth.flatMap((n) => textIn(reader, reader.objectSlot("path", n)) ?? []);
}

/** A character for each byte; undefined: there is none, or not all of it. */
function textIn(reader: RecordReader, slot: number): string | undefined {
  if (reader.objectStatus(slot) !== TailStatus.ok) return undefined;
  return latin1(reader.memory.subarray(reader.objectStart(slot), reader.objectEnd(slot)));
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
