/** The line of a LOG action about a call that is not in any record: for `sct test` and the library. */
import type { CallView } from "../language/call-view.ts";
import type { CheckedAction, CheckedRule } from "../language/checked/index.ts";
import { encodeCall } from "./encode-record.ts";
import type { FormatContext } from "./format/context.ts";
import { compileLine } from "./format/text.ts";
import { RecordReader } from "./record-reader.ts";
import { TextBuffer } from "./text-buffer.ts";

/** Goes through a record, so that the text is the one that an engine's event would give. */
export function formatCall(
  rule: CheckedRule,
  action: Extract<CheckedAction, { type: "LOG" }>,
  call: CallView,
  context: FormatContext,
): string {
  const record = encodeCall(call, { site: 0, seq: 1, time: 0n }, rule);
  const reader = new RecordReader();
  reader.open(record, 0, record.length);
  const out = new TextBuffer(256);
  const site = { ruleIndex: 0, rule, presentation: call.presentation };
  compileLine(site, context, action)(reader, out);
  return new TextDecoder().decode(out.view());
}
