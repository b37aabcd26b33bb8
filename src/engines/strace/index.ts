export { attach } from "./attach.ts";
export { filterFor } from "./call-filter.ts";
export { fileBehindLinks } from "./path-filter.ts";
export * from "./plan.ts";
export { signalNumber, signalText } from "./signal-names.ts";
export { startCommand, type TracedCommand } from "./start-command.ts";
export { TraceFiles } from "./trace-files.ts";
export { Tracer } from "./tracer.ts";
