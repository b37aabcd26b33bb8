/** Where systemd runs, it starts the service; its part is played by a script. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needsKernel } from "../kernel/needs.ts";
import { Instance } from "./instance.ts";

const SYSTEMCTL = `#!/bin/sh
echo "$@" >>"$CALLS"
case $1 in
  show) echo "$UNIT" ;;
  start)
    [ -z "$FAILS" ] || { echo "Job for syscalltrackd.service failed" >&2; exit 1; }
    syscalltrackd </dev/null >/dev/null 2>&1 &
    # Type=notify: it returns when the service is ready
    while [ ! -S /run/syscalltrack/control.sock ]; do sleep 0.1; done ;;
esac
`;

/** The machine's own directories, in a view of its own: nothing of this one is touched. */
const VIEW = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && mount -t tmpfs tmpfs /var/lib &&
  mount -t bpf bpf /sys/fs/bpf && export CALLS="$SCT_STATE_DIR/calls" PATH="$SCT_STATE_DIR/fake:$PATH"`;

test("sct load leaves the start to systemd, if it has the unit and no directory is named", async (t) => {
  if (!needsKernel(t)) return;
  const instance = Instance.of(t);
  mkdirSync(join(instance.directory, "fake"));
  chmodSync(instance.write("fake/systemctl", SYSTEMCTL), 0o755);
  const run = async (script: string) => {
    instance.write("calls", "");
    const ran = await instance.shell(`${VIEW} && ${script}`, "unshare", "--mount");
    return { ...ran, calls: readFileSync(join(instance.directory, "calls"), "utf8") };
  };
  const started = /^start syscalltrackd\.service$/m;
  // the file system of the machine lies hidden below the one with the pins
  const unload = "; code=$?; sct_unload || exit 9; exit $code";

  const good = await run(
    `UNIT=loaded; export UNIT; unset SCT_STATE_DIR; sct_load && sct_load ${unload}`,
  );
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^Successfully loaded: service \d+, 0 rules in force$/m);
  assert.match(good.stderr, /^sct load: loaded already, service \d+$/m);
  assert.equal(good.calls.match(new RegExp(started, "gm"))?.length, 1, good.calls);

  const failed = await run("UNIT=loaded FAILS=1; export UNIT FAILS; unset SCT_STATE_DIR; sct_load");
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /^sct load: Cannot start syscalltrackd\.service: Job for /m);
  assert.match(failed.stderr, /journalctl/);

  const unknown = await run(`UNIT=not-found; export UNIT; unset SCT_STATE_DIR; sct_load ${unload}`);
  assert.deepEqual([unknown.code, started.test(unknown.calls)], [0, false], unknown.stderr);

  const moved = await run(`UNIT=loaded; export UNIT; sct_load ${unload}`);
  assert.deepEqual([moved.code, moved.calls], [0, ""], moved.stderr);
});
