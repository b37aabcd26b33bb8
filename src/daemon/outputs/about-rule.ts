/** What a rule says of itself, for outputs, metrics and the status. */
import type { CheckedRule } from "../../language/index.ts";

export interface AboutRule {
  /** 0 emerg … 7 debug. */
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly description?: string;
}

/** Only what it says. */
export function aboutRule({ priority, tags, description }: CheckedRule): AboutRule {
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(description === undefined ? {} : { description }),
  };
}
