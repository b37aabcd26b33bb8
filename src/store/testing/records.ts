/** Rule sets and ring bytes that the tests of this room and its benchmark share. */
import { encodeRecord, type RecordFields } from "../../events/encode-record.ts";
import { encodeText } from "../../events/index.ts";
import { TAIL_EXE, TAIL_PATH, TailStatus } from "../../events/layout.ts";
import type { Site } from "../../events/site.ts";
import { frame } from "../../events/testing/frame.ts";
import { siteOf, unlinkat } from "../../events/testing/sites.ts";
import type { StoredGeneration } from "../contract.ts";

export const BOOT_OFFSET_NS = 1_795_446_000_000_000_000n;
export const RING = "boot:7";

export function sites(...rules: string[]): readonly Site[] {
  return rules.map((name, ruleIndex) => ({
    ...siteOf(unlinkat, "%comm : %params", { name }),
    ruleIndex,
  }));
}

export function generation(
  number: number,
  firstSite: number,
  ...rules: string[]
): StoredGeneration {
  return {
    generation: number,
    loadedAtMs: 1_795_446_000_000,
    source: rules.join("\n"),
    firstSite,
    sites: sites(...rules),
  };
}

export interface Sample {
  readonly seq: number;
  readonly site?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly path?: string;
  readonly uid?: number;
  readonly exe?: string | undefined;
  /** The file that the path names. */
  readonly file?: string | undefined;
  readonly timeNs?: bigint;
}

/** Events as they would lie in the ring. */
export function ringBytes(samples: readonly Sample[]): Uint8Array {
  return Buffer.concat(samples.map((sample) => frame(encodeRecord(fieldsOf(sample)))));
}

function fieldsOf({
  seq,
  site = 0,
  pid = 4242,
  comm = "rm",
  path,
  file,
  timeNs,
  uid = 0,
  exe,
}: Sample): RecordFields {
  return {
    site,
    seq,
    time: timeNs ?? BigInt(seq) * 1_000_000n,
    pid,
    tid: pid,
    uid,
    comm: encodeText(comm),
    args: [0xffffff9cn, 0x55d0c1a2b2a0n, 0n],
    tail: [
      { id: 1, status: TailStatus.ok, bytes: encodeText(path ?? "./dummy") },
      ...text(TAIL_EXE, exe),
      ...text(TAIL_PATH, file),
    ],
  };
}

function text(id: number, value: string | undefined) {
  return value === undefined ? [] : [{ id, status: TailStatus.ok, bytes: encodeText(value) }];
}
