/** The door of this room: the service's configuration, and where its events go. */
export { type Config, type ConfigResult, parseConfig, readConfig } from "./config/config.ts";
export type { OutputConfig } from "./config/outputs.ts";
export type { Loss, OutputEvent, OutputRule } from "./event.ts";
export { renderMetrics } from "./metrics/render.ts";
export { MetricsServer } from "./metrics/server.ts";
export type { MetricsSnapshot, RuleMetrics } from "./metrics/snapshot.ts";
export type { OutputCounters } from "./output.ts";
export { Outputs, type OutputsOptions } from "./outputs.ts";
