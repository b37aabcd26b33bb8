export { AttachEngine, type AttachOptions } from "./attach-engine.ts";
export { allowTracer, Mark, makeMark } from "./marks.ts";
export { explainAttached, openAttachEngine } from "./open-attach.ts";
