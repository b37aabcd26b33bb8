/**
 * A service in small, for tests that kill it: appends event after event to the history named on its command line and
 * continues where the history ends. Its ring is endless: position and sequence number follow from each other. It prints
 * a line when it begins, and for each tenth batch.
 */
import { History } from "../history.ts";
import { BOOT_OFFSET_NS, generation, RING, ringBytes } from "./records.ts";

const [file = "", maxBytes = "1000000000"] = process.argv.slice(2);
const EVENT_BYTES = ringBytes([{ seq: 1, path: path(1) }]).length;

function path(seq: number): string {
  return `/tmp/${String(seq).padStart(11, "0")}`;
}

const history = History.open(file, {
  maxBytes: Number(maxBytes),
  onNotice: (line) => process.stderr.write(`${line}\n`),
});
history.setGenerations(RING, [generation(1, 0, "r")]);
let position = history.position(RING) ?? 0;
process.stdout.write("ready\n");
for (let round = 0; ; round++) {
  const first = position / EVENT_BYTES + 1;
  const count = [1, 700, 20, 5000, 3][round % 5] as number;
  const bytes = ringBytes(
    Array.from({ length: count }, (_, i) => ({ seq: first + i, path: path(first + i) })),
  );
  position += bytes.length;
  history.append({ bytes, ringId: RING, position, bootOffsetNs: BOOT_OFFSET_NS });
  if (round % 10 === 0) {
    process.stdout.write(".\n");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
