/** `npm run demo` shows the article's examples to anyone. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testAsEach } from "./sct.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

const EXAMPLE = fileURLToPath(new URL("../../examples/article1.conf", import.meta.url));

testAsEach("the demo works", (place) => {
  const { stdout, stderr, status } = place.plain([process.execPath, DEMO]);
  const { uid } = place.user;
  assert.equal(status, 0, stdout + stderr);
  assert.ok(
    stdout.includes(
      `$ sct run -f ${EXAMPLE} -- rm ./dummy\n"rm" : "./dummy" delete by ${uid} --> ${uid}\n`,
    ),
    stdout,
  );
  assert.equal(stdout.match(/Operation not permitted/g)?.length, 2);
  if (uid !== 0) assert.match(stdout, /Not here: that needs root/);
});
