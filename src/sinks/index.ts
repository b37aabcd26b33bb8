/** The door of this room: the service's configuration, and where its events go. */
export { type Config, type ConfigResult, parseConfig, readConfig } from "./config/config.ts";
export type { Format, OutputConfig } from "./config/outputs.ts";
export type { Loss, OutputEvent, OutputRule } from "./event.ts";
export { safeLine } from "./line.ts";
export { renderMetrics } from "./metrics/render.ts";
export { MetricsServer } from "./metrics/server.ts";
export type { CountMetric, MetricsSnapshot, RuleMetrics } from "./metrics/snapshot.ts";
export type { Notice, OutputCounters, Rest } from "./output.ts";
export { Outputs, type OutputsOptions } from "./outputs.ts";
export {
  type Choice,
  type EventRun,
  isBefore,
  type LineSpan,
  type Range,
  type Storage,
  type StoredPosition,
} from "./run.ts";
