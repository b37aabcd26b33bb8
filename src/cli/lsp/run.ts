/** What `sct lsp` does: the language server, with what `sct check` knows of this machine. */
import { serveLsp } from "../../lsp/index.ts";
import { openExplainer } from "../check/explain.ts";
import { explanationText } from "../check/explanation-text.ts";
import { refusedEverywhere } from "../check/refusals.ts";
import { version } from "../version.ts";

/** Columns of what an editor shows beside the text. */
const WIDTH = 78;

export function runLsp(): void {
  let explainer: ReturnType<typeof openExplainer> | undefined;
  serveLsp({
    version: version(),
    refusals: refusedEverywhere,
    explainRule: async (rule) => {
      // probes of the machine: once, and only when somebody asks
      explainer ??= openExplainer();
      const explain = await explainer;
      return explanationText(explain(rule), WIDTH);
    },
  });
}
