/** PATH where a security hook is given less than the whole path: the rest is what the kernel looked up for the call. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { leftOpenBy } from "../../src/language/index.ts";
import { vocabulary } from "../../src/linux/index.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { checked, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place, program, shell } from "./guest.ts";

after(assertNoObjects);

const EACCES = 13;

/** Words of `calls native`; NAME is where the name stands. Those of the second table get the open file as descriptor 3. */
const BY_NAME: Readonly<Record<string, string>> = {
  utime: "132 NAME 0",
  utimes: "235 NAME 0",
  utimensat: "280 -100 NAME 0 0",
  setxattr: "188 NAME @trusted.sct @2 1 0",
  getxattr: "191 NAME @trusted.none 0 0",
  listxattr: "194 NAME 0 0",
  removexattr: "197 NAME @trusted.none",
  access: "21 NAME 0",
  faccessat: "269 -100 NAME 4",
  statfs: "137 NAME :0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
};
const BY_DESCRIPTOR: Readonly<Record<string, string>> = {
  utimensat: "280 3 0 0 0",
  fsetxattr: "190 3 @trusted.sct @2 1 0",
  fgetxattr: "193 3 @trusted.none 0 0",
  flistxattr: "196 3 0 0",
  fremovexattr: "199 3 @trusted.none",
  fstatfs: "138 3 :0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
  fchmod: "91 3 384",
  fchown: "93 3 -1 -1",
  read: "0 3 :0 1",
};
const RULED = `utime, setxattr, getxattr, listxattr, removexattr, access, statfs,
  fsetxattr, fgetxattr, flistxattr, fremovexattr, fstatfs, fchmod, fchown, read`;

/** `COMMAND STATUS` of calls in the shell, a line each. */
function attempts(calls: string, names: readonly string[], file: string): string {
  const line = (what: string, words: string, more = ""): string =>
    `${calls} native ${words} ${more}; echo "${what} $?"`;
  return [
    ...names.flatMap((name) =>
      Object.entries(BY_NAME).map(([call, words]) =>
        line(`${call} ${name}`, words.replace("NAME", `@${name}`)),
      ),
    ),
    ...Object.entries(BY_DESCRIPTOR).map(([call, words]) => line(`${call} 3`, words, `3<${file}`)),
  ].join("\n");
}

function statuses(output: string, isWanted: (status: number) => boolean): string[] {
  return output
    .trim()
    .split("\n")
    .filter((line) => !isWanted(Number(line.split(" ").at(-1))));
}

test("PATH of calls whose hook is given no mount: by every name, and of no other file", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const { calls64 } = workplace();
  const uring = program("uring");
  await shell(
    directory,
    `mkdir d bound; echo 1 > d/secret; echo 1 > d/other; ln d/secret hard; ln -s d/secret link; ln -s d way
     mount --bind d bound`,
  );
  const secret = join(directory, "d/secret");
  const rule = (condition: string): string =>
    `rule { syscall_name = ${RULED} filter_expression { ${condition} } action { type = FAIL error_code = EACCES } }`;
  const names = ["way/secret", "hard", "bound/secret"];
  await watch(rule(`PATH == "${secret}"`), async () => {
    const denied = await shell(directory, attempts(calls64, names, "bound/secret"));
    assert.deepEqual(
      statuses(denied, (status) => status === EACCES),
      [],
    );
    const free = await shell(directory, attempts(calls64, ["d/other"], "d/other"));
    assert.deepEqual(
      statuses(free, (status) => status !== EACCES),
      [],
    );
    for (const name of ["d/secret", "hard", "bound/secret"])
      assert.equal(await shell(directory, `${uring} setxattr ${name}`), "-13\n", name);
    assert.notEqual(await shell(directory, `${uring} setxattr d/other`), "-13\n");
  });
  // the name is that by which the file was found, as for all other calls
  await watch(rule(`PATH startswith "${directory}/bound/"`), async () => {
    const denied = await shell(directory, attempts(calls64, ["bound/other"], "bound/other"));
    assert.deepEqual(
      statuses(denied, (status) => status === EACCES),
      [],
    );
    assert.equal(await shell(directory, `${uring} setxattr bound/other`), "-13\n");
    const free = await shell(directory, attempts(calls64, ["d/other"], "d/other"));
    assert.deepEqual(
      statuses(free, (status) => status !== EACCES),
      [],
    );
  });
  await shell(directory, "umount bound");
});

const OPEN_TREE_CLONE = 1;
const EMPTY_PATH_FROM = 4;

test("PATH of mounts: what is moved, where to, what is taken off", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const { calls64 } = workplace();
  await shell(
    directory,
    `mkdir from to target; echo 1 > from/evil; echo 1 > target/file; mount --bind from to`,
  );
  const [over, taken] = ["target/file", "to"].map((name) => join(directory, name));
  const move = (name: string): string =>
    `python3 -c '
import ctypes
c = ctypes.CDLL(None, use_errno=True)
fd = c.syscall(428, -100, b"from/evil", ${OPEN_TREE_CLONE})
r = c.syscall(429, fd, b"", -100, b"${name}", ${EMPTY_PATH_FROM})
print("status", ctypes.get_errno() if r < 0 else 0)'`;
  await watch(
    `rule { syscall_name = move_mount filter_expression { PATH[4] == "${over}" } action { type = FAIL error_code = EACCES } }
     rule { syscall_name = mount filter_expression { PATH == "${over}" } action { type = FAIL error_code = EACCES } }
     rule { syscall_name = umount2 filter_expression { PATH == "${taken}" } action { type = FAIL error_code = EACCES } }
     rule { syscall_name = move_mount filter_expression { PATH[2] == "${taken}" } on_unreadable = skip
       action { type = FAIL error_code = EACCES } }`,
    async () => {
      assert.equal(await shell(directory, move("target/file")), "status 13\n");
      assert.equal(await shell(directory, move("./target/../target/file")), "status 13\n");
      assert.equal(
        await shell(
          directory,
          "mount --bind from/evil target/file >/dev/null 2>&1 || cat target/file",
        ),
        "1\n",
      );
      assert.equal(await shell(directory, `${calls64} native 166 @./to 0; echo $?`), "13\n");
      assert.equal(
        await shell(directory, `${calls64} native 429 -100 @to -100 @target 0; echo $?`),
        "13\n",
      );
      assert.equal(await shell(directory, "touch other"), "");
      // the source lies in a mount that has no name: nobody can say that it is not meant
      assert.equal(await shell(directory, move("other")), "status 0\n");
    },
  );
  await shell(directory, "umount other to");
});

test("the rules that check recommends close the ways around a file by mounts", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const { calls64 } = workplace();
  await shell(directory, "mkdir lower upper work o; echo secret > lower/file; echo evil > evil");
  const file = join(directory, "lower/file");
  const text = `rule { syscall_name = open filter_expression { PATH == "${file}" && COMM == "cat" } action { type = FAIL error_code = EACCES } }`;
  const closing = checked(text).flatMap((rule) =>
    leftOpenBy(rule, vocabulary).flatMap(({ rules }) => rules),
  );
  assert.equal(closing.length, 4);
  const mounting = `mount -t overlay none o -o lowerdir=${directory}/lower,upperdir=${directory}/upper,workdir=${directory}/work`;
  await watch([text, ...closing].join("\n"), async () => {
    const said = await shell(
      directory,
      `${mounting} 2>/dev/null; cat o/file; mount --bind evil lower/file 2>/dev/null; head -n 1 lower/file
       ${calls64} native 430 @overlay 0; echo $?`,
    );
    assert.match(said, /No such file/);
    assert.match(said, /^secret/m);
    assert.match(said, /^1$/m);
  });
});
