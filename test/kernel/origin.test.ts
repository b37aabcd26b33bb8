/** Where a caller comes from and what it is in: ancestors, capabilities, namespaces, control groups, containers. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { type Finished, run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SHELL = "/bin/sh";
/** A call of the shell itself, whose number no process has as a signal to fear. */
const CALL = "kill -0 $$";
const FORMAT = "%caps|%pidns|%mntns|%nspid|%cgroup|%container";
/** What /proc says of the shell, a line each. */
const SHOW = `sed -n 's/^CapEff:\\s*//p' /proc/$$/status; readlink /proc/$$/ns/pid /proc/$$/ns/mnt
sed -n 's/^NStgid:.*\\s//p' /proc/$$/status; sed -n 's/^0:://p' /proc/$$/cgroup`;

const kill = (filter: string, format = FORMAT): string =>
  `rule { syscall_name = kill syscall_match = exact
    filter_expression { PARAMS[2] == 0 && (${filter}) } action { type = LOG log_format {${format}} } }`;

/** Where the unified hierarchy is mounted; undefined: nowhere. */
function unifiedHierarchy(): string | undefined {
  return / (\/\S*) .* - cgroup2 /m.exec(
    readFileSync("/proc/self/mountinfo", "utf8").replace(/^(\S+ ){3}\S+/gm, ""),
  )?.[1];
}

/** The line that FORMAT makes of what SHOW printed; a container is in no group of ours. */
function lineOf(output: string, container = ""): string {
  const [caps = "", pidns, mntns, nspid, cgroup = ""] = output.trimEnd().split("\n");
  const inode = (link: string | undefined): string => /\d+/.exec(link ?? "")?.[0] ?? "";
  const hierarchy = unifiedHierarchy();
  assert.ok(hierarchy, "the unified hierarchy is not mounted");
  const group = statSync(join(hierarchy, cgroup), { bigint: true }).ino;
  return [BigInt(`0x${caps}`), inode(pidns), inode(mntns), nspid, group, `"${container}"`].join(
    "|",
  );
}

test("numbers of a caller are those that /proc shows", async () => {
  for (const uid of [USER, 0]) {
    let shown: Finished | undefined;
    const { lines } = await watch(kill(`descends_from(${process.pid})`), async () => {
      shown = await run([SHELL, "-c", `${SHOW}; ${CALL}`], { uid });
    });
    assert.deepEqual(lines, [lineOf(shown?.output ?? "")]);
  }
});

test("namespaces of its own have a caller that is process 1 in them", async () => {
  let shown: Finished | undefined;
  const script = `${SHOW}; ${CALL}`;
  const { lines, events } = await watch(
    kill(`descends_from(${process.pid}) && NSPID == 1 && PID != NSPID`),
    async () => {
      const unshare = ["/usr/bin/unshare", "-p", "-m", "-f", "--mount-proc"];
      shown = await run([...unshare, SHELL, "-c", script], { uid: 0 });
      await run([SHELL, "-c", script], { uid: 0 });
    },
  );
  assert.deepEqual(lines, [lineOf(shown?.output ?? "")]);
  assert.notEqual(events[0]?.pid, 1);
});

test("filters on numbers of a caller decide as on what they show", async () => {
  let output = "";
  const show = async (): Promise<void> => {
    output = (await run([SHELL, "-c", SHOW])).output;
  };
  await show();
  const [caps, pidns, mntns, , cgroup] = lineOf(output).split("|");
  const same = `CAPS == ${caps} && PIDNS == ${pidns} && MNTNS == ${mntns} && CGROUP == ${cgroup} && NSPID > 1`;
  const rule = `${kill(`UID == ${USER} && !(${same})`)} ${kill(`UID == ${USER} && ${same}`, "same")}`;
  const { lines } = await watch(rule, () => run([SHELL, "-c", CALL]));
  assert.deepEqual(lines, ["same"]);
});

test("descends_from means processes above the caller's own, as they are now", async () => {
  const { directory } = workplace();
  const server = join(directory, "sct_server");
  copyFileSync(SHELL, server);
  const rules = [
    'descends_from("sct_server") && PARAMS[1] == PID',
    '!descends_from("sct_server") && PARAMS[1] == PID',
    `descends_from(${process.pid})`,
    "descends_from(1)",
  ].map((what, i) =>
    kill(`UID == ${USER} && ${what}`, `${i}`).replace("action", "continue = yes action"),
  );
  const played = async (command: readonly string[]): Promise<readonly string[]> =>
    (await watch(rules.join("\n"), () => run(command))).lines;
  // the second command keeps a shell from being replaced by its last one
  const below = [server, "-c", `${SHELL} -c '${SHELL} -c "kill -0 \\$\\$"; :'; :`];
  const [above, none] = [
    ["0", "2", "3"],
    ["1", "2", "3"],
  ];
  assert.deepEqual(await played(below), above);
  assert.deepEqual(await played([server, "-c", `${CALL}; :`]), none, "itself");
  assert.deepEqual(await played([SHELL, "-c", `${server} -c :; ${CALL}`]), none, "its child");
});

test("an ancestor that has ended is none: the process has another parent then", async () => {
  const { directory } = workplace();
  const server = join(directory, "sct_parent");
  copyFileSync(SHELL, server);
  const orphan = `while [ -e /proc/$parent ]; do :; done; ${CALL}; echo $$`;
  const rule = ['descends_from("sct_parent")', '!descends_from("sct_parent")']
    .map((what, i) => kill(`UID == ${USER} && ${what}`, `${i}`))
    .join("\n");
  const { lines } = await watch(rule, () =>
    run([SHELL, "-c", `${server} -c 'parent=$$ ${SHELL} -c "$0" & :' '${orphan}'`]),
  );
  assert.deepEqual(lines, ["1"]);
});

test("a caller in a control group of a container has its id", async (t) => {
  const hierarchy = unifiedHierarchy();
  if (hierarchy === undefined || !existsSync(join(hierarchy, "cgroup.procs"))) {
    t.skip("the unified hierarchy is not mounted");
    return;
  }
  const id = "0123456789abcdef".repeat(4);
  const other = id.replaceAll("0", "f");
  const made: string[] = [];
  const make = (path: string): string => {
    const full = join(hierarchy, path);
    mkdirSync(full);
    made.push(full);
    return full;
  };
  const slice = `sct-${process.pid}.slice`;
  try {
    make(slice);
    for (const [name, container] of [
      [`docker-${id}.scope`, id],
      [`libpod-${id}.scope`, id],
      [id, id],
      [`docker-${id}.scope/${other}`, id],
      [`${id.slice(1)}`, ""],
      ["plain", ""],
      [`crio-${other}-${id}`, other],
    ] as const) {
      const path = join(slice, name);
      const group = existsSync(join(hierarchy, path)) ? join(hierarchy, path) : make(path);
      let shown: Finished | undefined;
      const rule = kill(`descends_from(${process.pid}) && CONTAINER == "${container}"`);
      const { lines } = await watch(rule, async () => {
        const enter = `echo $$ > ${group}/cgroup.procs`;
        shown = await run([SHELL, "-c", `${enter}; ${SHOW}; ${CALL}`], { uid: 0 });
      });
      assert.deepEqual(lines, [lineOf(shown?.output ?? "", container)], name);
    }
  } finally {
    for (const one of made.reverse()) rmdirSync(one);
  }
});
