/** sendmmsg sends messages to one address each: rules that look at messages are asked about every one. */
import {
  type Acting,
  type CheckedRule,
  evaluateRules,
  guardHolds,
  type Listener,
  type Structs,
} from "../../../language/index.ts";
import { countMessages } from "./socket-name.ts";
import type { TracedCall } from "./traced-call.ts";

/** The rules that act on the call, each once: for the first of its messages that it meets. */
export function evaluateMessages(
  rules: readonly CheckedRule[],
  call: TracedCall,
  structs: Structs,
  listener: Listener,
): readonly Acting[] {
  const first = evaluateRules(rules, call, structs, listener);
  const found = new Map(first.map((acting) => [acting.rule, acting]));
  const count = messagesOf(rules, call);
  for (call.message = 1; call.message < count; call.message++)
    for (const acting of evaluateRules(rules, call, structs, { isDue: listener.isDue }))
      if (!found.has(acting.rule)) found.set(acting.rule, acting);
  call.message = 0;
  return found.size === first.length ? first : [...found.values()];
}

/** 1 where no rule can distinguish them. */
function messagesOf(rules: readonly CheckedRule[], call: TracedCall): number {
  if (!call.context.needs.messages) return 1;
  for (const { targets } of rules)
    for (const { presentations } of targets)
      for (const presentation of presentations) {
        if (presentation.call !== call.name || presentation.abi !== call.abi) continue;
        const param = presentation.params.find(({ address }) => address?.in === "mmsghdr");
        if (param === undefined) continue;
        const view = call.view(presentation);
        if (presentation.guards.every((guard) => guardHolds(view, guard)))
          return countMessages(view, param);
      }
  return 1;
}
