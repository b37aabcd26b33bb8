/** A browser starts without a window, runs a page's script and prints what has become of it (package chromium). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testSame } from "./compare.ts";

const PAGE = `<!doctype html><title>page</title><p id=p>before</p>
<script>document.getElementById("p").textContent = [1, 2, 3].map((n) => n * 2).join("-") + " " + document.title;</script>`;

/** A new profile, and nothing that asks the network. */
const FLAGS =
  `--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync --user-data-dir=profile`.split(/\s+/);

testSame(
  [
    {
      name: "chromium",
      prepare: (directory) => writeFileSync(join(directory, "page.html"), PAGE),
      command: ["sh", "-c", `exec chromium ${FLAGS.join(" ")} --dump-dom "file://$PWD/page.html"`],
      output: ({ stdout }) => stdout,
    },
  ],
  1,
);
