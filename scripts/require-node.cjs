// Said before a script's TypeScript is read: an older Node would only show a stack trace. Runs on any Node since 6.
"use strict";

const NEEDED = 24;

const [major] = process.versions.node.split(".");
if (Number(major) < NEEDED) {
  const own = `node_modules/.bin/node`;
  const hint = require("node:fs").existsSync(require("node:path").join(__dirname, "..", own))
    ? `this checkout has one: use npm run, or ${own}`
    : "'npm ci' brings one for Linux on x86-64 and arm64";
  console.error(`Node.js ${NEEDED} or newer is needed, found ${process.version}: ${hint}`);
  process.exit(3);
}
