/** Rules on PATH of an address decide on the file of the unix socket, however it is named. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import {
  countOf,
  deniedRows,
  freeRows,
  MAKE_NAMES,
  otherThan,
  shellOf,
  socketRules,
} from "../programs/socket-names.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { build } from "./programs.ts";
import { type Place, testAsEach } from "./sct.ts";

const EACCES = 13;
/** sendmmsg has sent the message before the denied one. */
const ONE_SENT = 1;

async function serve(place: Place, program: string, stream: string, datagram: string) {
  const child: ChildProcess = spawn(program, ["serve", stream, datagram], {
    cwd: place.directory,
    uid: place.user.uid,
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout) await once(child.stdout, "data");
  return child;
}

for (const by of mechanisms)
  testAsEach(`a socket is denied by its file, by ${by}`, async (place, t) => {
    const program = build(t, "sockets");
    if (program === undefined) return;
    const directory = realpathSync(place.directory);
    const servers = [
      await serve(place, program, "./s", "./d"),
      await serve(place, program, "./other-s", "./other-d"),
      await serve(place, program, "./third-s", `@sct-${directory}`),
    ];
    try {
      place.plain(["sh", "-c", MAKE_NAMES]);
      const rules = `${socketRules(directory)} ${logRule(by, "rmdir")}`;
      const run = (rows: ReturnType<typeof deniedRows>) =>
        place.under(rules, ["sh", "-c", shellOf(program, rows)]);
      const denied = run(deniedRows(directory));
      assert.deepEqual(otherThan(denied.stdout, [EACCES, ONE_SENT]), [], denied.stderr);
      assert.equal(denied.stdout.trim().split("\n").length, countOf(deniedRows(directory)));
      assert.match(denied.stderr, new RegExp(`^connect "${directory}/s"$`, "m"));
      assert.match(denied.stderr, new RegExp(`^connect "@sct-${directory}"$`, "m"));
      const free = run(freeRows(directory));
      assert.deepEqual(otherThan(free.stdout, [0]), [], free.stderr);
    } finally {
      for (const server of servers) server.stdin?.end();
      await Promise.all(servers.map((server) => once(server, "close")));
    }
  });
