/** What a build starts and where clients connect to, seen by us and by strace in the same run: the same, none cut. */
import assert from "node:assert/strict";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, USER, type Watched, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SOURCES = 8;
const CLIENTS = Number(process.env["SCT_CURLS"] ?? 50);

/**
 * strace writes a file for each process: in one for all, a call during which another
 * process makes one is split into two lines.
 */
async function both(
  rules: string,
  calls: string,
  command: readonly string[],
): Promise<{ watched: Watched; theirs: readonly string[] }> {
  const directory = mkdtempSync(join(workplace().directory, "strace-"));
  chownSync(directory, USER, USER);
  const options = ["-ff", "-qq", "-v", "-s", "65535", "-e", "signal=none", "-e", `trace=${calls}`];
  const watched = await watch(rules, () =>
    run(["/usr/bin/strace", ...options, "-o", join(directory, "of"), ...command]),
  );
  for (const { matched, delivered, dropped, missed } of watched.counters.rules)
    assert.deepEqual([delivered, dropped, missed], [matched, 0, 0]);
  const theirs = readdirSync(directory).flatMap((name) =>
    readFileSync(join(directory, name), "utf8").split("\n"),
  );
  return { watched, theirs };
}

function canRun(t: TestContext, ...programs: readonly string[]): boolean {
  if (!needsKernel(t)) return false;
  for (const program of ["/usr/bin/strace", ...programs])
    if (!existsSync(program)) {
      t.skip(`needs ${program}`);
      return false;
    }
  return true;
}

test("every program that make -j2 starts has the arguments that strace shows", async (t) => {
  if (!canRun(t, "/usr/bin/make", "/usr/bin/gcc")) return;
  const { directory } = workplace();
  const objects: string[] = [];
  for (let i = 0; i < SOURCES; i++) {
    writeFileSync(join(directory, `part${i}.c`), `int part${i}(void) { return ${i}; }\n`);
    objects.push(`part${i}.o`);
  }
  // an argument near the end of what is recorded of one
  const long = "x".repeat(3_900);
  writeFileSync(join(directory, "main.c"), "int main(void) { return 0; }\n");
  const lines = [
    `all: main.o ${objects.join(" ")}`,
    `\tgcc -o all $^ && printf '%s' "a \\"quoted\\"\tword" "" ${long} > /dev/null`,
    "%.o: %.c",
    `\tgcc -O1 -DNAME='"$*"' -c -o $@ $<`,
  ];
  writeFileSync(join(directory, "Makefile"), `${lines.join("\n")}\n`);
  const rule = `rule { syscall_name = execve when = after filter_expression { UID == ${USER} && RETVAL == 0 }
    action { type = LOG log_format {%argv} } }`;
  const { watched, theirs } = await both(rule, "execve,execveat", [
    ...["/usr/bin/make", "-s", "-j2", "-B"],
  ]);
  const texts = theirs.flatMap(
    (line) => /^execve\("[^"]*", (\[.*?"\]), .* = 0$/.exec(line)?.[1] ?? [],
  );
  const ours = watched.lines.filter((line) => !line.startsWith('["/usr/bin/strace"'));
  t.diagnostic(`${ours.length} programs`);
  assert.ok(ours.length > 3 * SOURCES, `only ${ours.length}`);
  assert.ok(ours.some((line) => line.includes(long)));
  assert.deepEqual(ours.toSorted(), texts.toSorted());
  assert.deepEqual(
    watched.events.flatMap(({ flags }) => flags.filter((flag) => flag === "truncated")),
    [],
  );
});

test(`where ${CLIENTS} clients connect to is what strace shows`, async (t) => {
  if (!canRun(t, "/usr/bin/curl")) return;
  const server = createServer((_, answer) => answer.end("here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const rules = `
      rule { rule_name = here syscall_name = connect
        filter_expression { UID == ${USER} && PARAMS[2].addr in 127.0.0.0/8 && PARAMS[2].port == ${port} }
        action { type = LOG log_format {%param2.addr %param2.port} } }
      rule { rule_name = elsewhere syscall_name = connect
        filter_expression { UID == ${USER} && PARAMS[2].sa_family in (AF_INET, AF_INET6) }
        action { type = LOG log_format {%param2.addr %param2.port} } }`;
    const script = `for i in $(seq ${CLIENTS}); do curl -s http://127.0.0.1:${port}/$i; done
      curl -s http://127.0.0.2:1/; curl -s 'http://[::1]:2/'; true`;
    const { watched, theirs } = await both(rules, "connect", ["/bin/sh", "-c", script]);
    const peers = theirs.flatMap((line) => {
      const four = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/.exec(line);
      if (four !== null) return `${four[2]} ${four[1]}`;
      const six = /sin6_port=htons\((\d+)\).*inet_pton\(AF_INET6, "([^"]+)"/.exec(line);
      return six === null ? [] : `${six[2]} ${six[1]}`;
    });
    assert.deepEqual(watched.lines.toSorted(), peers.toSorted());
    const here = watched.events.filter(({ rule }) => rule === "here");
    assert.equal(here.length, CLIENTS);
    assert.equal(watched.events.length, CLIENTS + 2);
  } finally {
    server.close();
  }
});
