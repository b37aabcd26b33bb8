/** Rules over a process that runs already: those of the supervised engine, as far as they only look. */
import { tooManyMacros } from "../../events/index.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { EngineExplanation, Opened } from "../engine.ts";
import { AttachEngine, type AttachOptions } from "./attach-engine.ts";

export function explainAttached(rule: CheckedRule): EngineExplanation {
  return { refused: tooManyMacros([rule]) };
}

/** The process is not touched before `attach`. */
export function openAttachEngine(options: AttachOptions): Opened<AttachEngine> {
  const diagnostics = tooManyMacros(options.rules);
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, engine: new AttachEngine(options) };
}
