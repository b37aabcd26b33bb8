/** Paths of processes that have another root, or other mounts, than when they began. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

/** Deletes a file first, so that something is known of its root, then gets another one. */
const CHROOT = `import os
os.unlink("first")
os.chroot("jail")
for name in "/precious", "precious", "/link/precious", "/../precious":
    os.chdir("/")
    try:
        os.unlink(name)
        print(name, "is gone")
    except PermissionError:
        print(name, "denied")
os.unlink("/other")`;

/** The same name is another file, from a moment on. */
const BIND = `rm first
unshare --mount --propagation private sh -c 'mount --bind jail sub && rm -f sub/door/precious sub/other'`;

for (const by of mechanisms) {
  testAsEach(`a file keeps its name for a process with another root, by ${by}`, (place, t) => {
    if (place.user.uid !== 0) return t.skip("only the superuser changes roots");
    const { directory } = place;
    mkdirSync(join(directory, "jail"));
    for (const name of ["first", "jail/precious", "jail/other"])
      writeFileSync(join(directory, name), "");
    symlinkSync("/", join(directory, "jail/link"));
    const rules = `rule { syscall_name = unlink filter_expression { PATH == "${directory}/jail/precious" }
      action { type = FAIL error_code = EPERM } } ${logRule(by, "rmdir")}`;
    const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", CHROOT]);
    assert.match(
      stdout,
      /^\/precious denied\nprecious denied\n\/link\/precious denied\n\/..\/precious denied\n$/,
      stderr,
    );
    assert.ok(!existsSync(join(directory, "jail/other")));
  });

  testAsEach(`what is mounted under a name later is what counts, by ${by}`, (place, t) => {
    if (place.user.uid !== 0) return t.skip("only the superuser mounts");
    const { directory } = place;
    for (const name of ["jail", "sub", "jail/inner"]) mkdirSync(join(directory, name));
    for (const name of ["first", "jail/inner/precious", "jail/other"])
      writeFileSync(join(directory, name), "");
    // to know where it leads one must see the mount
    symlinkSync("inner", join(directory, "jail/door"));
    const rules = `rule { syscall_name = unlink filter_expression { PATH == "${directory}/sub/inner/precious" }
      action { type = FAIL error_code = EPERM } } ${logRule(by, "rmdir")}`;
    const { stderr } = place.under(rules, ["sh", "-c", BIND]);
    assert.match(stderr, /cannot remove 'sub\/door\/precious': Operation not permitted/);
    assert.ok(existsSync(join(directory, "jail/inner/precious")));
    assert.ok(!existsSync(join(directory, "jail/other")));
  });
}
