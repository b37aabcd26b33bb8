/** What descriptors of real programs stand for: files of each kind, peers of sockets, both ABIs. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  assertDescriptors,
  assertFilters,
  assertLinks,
  DESCRIPTORS,
  descriptorRules,
  filterRules,
  linkRules,
  MAKE_LINK,
  READ_FILE,
} from "../programs/descriptors.ts";
import { needs32Bit } from "../programs/runs-32-bit.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { type Finished, run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const OWN = `UID == ${USER}`;
const PYTHON = "/usr/bin/python3";
const PROGRAM = [PYTHON, DESCRIPTORS];
const LSEEK = { x86_64: "8", i386: "19" };

/** What the program printed, and the lines of the rules. */
async function seen(rules: string): Promise<{ output: string; lines: readonly string[] }> {
  let finished: Finished | undefined;
  const { lines } = await watch(rules, async () => {
    finished = await run(["/bin/sh", "-c", `cd $(mktemp -d) && exec ${PROGRAM.join(" ")}`]);
  });
  return { output: finished?.output ?? "", lines };
}

test("each kind of file is what the system says of it, and a call that closes it sees the same", async (t) => {
  if (!needsKernel(t)) return;
  const { output, lines } = await seen(descriptorRules(OWN));
  assertDescriptors(output, lines);
});

test("filters decide on what descriptors stand for", async (t) => {
  if (!needsKernel(t)) return;
  const { output, lines } = await seen(filterRules(OWN));
  assertFilters(output, lines);
});

test("names in rules mean the open file that they lead to", async (t) => {
  if (!needsKernel(t)) return;
  const { directory } = workplace();
  await run([PYTHON, "-c", MAKE_LINK]);
  const { lines } = await watch(linkRules(directory, OWN), () => run([PYTHON, "-c", READ_FILE]));
  assertLinks(directory, lines);
});

test("2,000 rules on open files: the first that matches is found, by its own name or by a link", async (t) => {
  if (!needsKernel(t)) return;
  const { directory } = workplace();
  const made = join(directory, "fd-made");
  for (const name of ["own", "linked", "below", "other"])
    mkdirSync(join(made, name), { recursive: true });
  symlinkSync("linked", join(made, "alias"));
  const filters = Array.from({ length: 2000 }, (_, i) => `FD[1].path == "${made}/p${i}"`);
  filters[700] = `FD[1].path in ("${made}/none", "${made}/alias")`;
  filters[1000] = `FD[1].path == "${made}/own"`;
  filters[1999] = `FD[1].path startswith "${made}/b"`;
  const rules = filters.map(
    (filter, i) => `rule { rule_name = r${i} syscall_name = fchdir
      filter_expression { ${OWN} && ${filter} } action { type = LOG } }`,
  );
  const program = `import os
for name in ("own", "linked", "below", "other"): os.fchdir(os.open("${made}/" + name, 0))`;
  const { events } = await watch(rules.join("\n"), () => run([PYTHON, "-c", program]));
  assert.deepEqual(
    events.map(({ rule }) => rule),
    ["r1000", "r700", "r1999"],
  );
});

test("curl is seen by the peer of the socket that it writes to", async (t) => {
  if (!needsKernel(t)) return;
  const server = createServer((_, response) => response.end("hello"));
  const other = createServer((_, response) => response.end("other"));
  try {
    for (const one of [server, other]) await once(one.listen(0, "127.0.0.1"), "listening");
    const portOf = (one: typeof server): number => {
      const address = one.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    };
    const rule = `rule { syscall_name = write, sendto
      filter_expression { ${OWN} && FD[1].addr in 127.0.0.0/8 && FD[1].port == ${portOf(server)} }
      action { type = LOG log_format {%comm %fd1.type %fd1.addr %fd1.port} } }`;
    const { lines } = await watch(rule, async () => {
      for (const one of [server, other])
        await run(["/usr/bin/curl", "-s", `http://127.0.0.1:${portOf(one)}/`]);
    });
    assert.deepEqual(lines, [`"curl" "socket" 127.0.0.1 ${portOf(server)}`]);
  } finally {
    for (const one of [server, other]) one.close();
  }
});

test("descriptors of 32-bit calls", async (t) => {
  if (!needsKernel(t) || !needs32Bit(t, workplace().calls32)) return;
  const rule = `rule { syscall_name = lseek filter_expression { ${OWN} && FD[1].type == "chr" && FD[1].path == "/dev/null" }
    action { type = LOG log_format {%abi %param1} } }`;
  const { calls64, calls32 } = workplace();
  const { lines } = await watch(rule, async () => {
    await run([calls64, "native", LSEEK.x86_64, "0", "0", "99"]);
    await run([calls64, "int80", LSEEK.i386, "0", "0", "99"]);
    await run([calls32, "native", LSEEK.i386, "0", "0", "99"]);
    await run([calls32, "native", LSEEK.i386, "1", "0", "99"]);
  });
  assert.deepEqual(lines, ["x86_64 0", "i386 0", "i386 0"]);
});
