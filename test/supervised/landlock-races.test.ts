/** What Landlock holds has no moment between looking and using; and rings stay where it alone decides. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { landlockVersion } from "../../src/engines/supervised/index.ts";
import { Since } from "../../src/engines/supervised/landlock/abi.ts";
import { build } from "./programs.ts";
import { testAsEach } from "./sct.ts";

const ROUNDS = 20_000;
const CONNECTS = 3000;

/** One thread exchanges a link and a folder, the other opens, truncates and removes through them. */
const SWAPS = `
import os, threading, sys
rounds, stop = int(sys.argv[1]), False
os.mkdir("out/d1"); open("out/d1/f", "w").close()
def swap():
    i = 0
    while not stop:
        i += 1
        os.symlink("own" if i & 1 else "../secret", "out/t"); os.rename("out/t", "out/l")
        os.symlink("d1" if i & 1 else "..", "out/t"); os.rename("out/t", "out/d")
open("out/own", "w").close()
os.symlink("own", "out/l"); os.symlink("d1", "out/d")
thread = threading.Thread(target=swap); thread.start()
got = out = 0
def attempt(call):
    try: return call()
    except OSError: return None
for i in range(rounds):
    text = attempt(lambda: open("out/l").read())
    if text is None: out += 1
    elif "secret" in text: got += 1
    attempt(lambda: os.truncate("out/l", 0))
    attempt(lambda: os.unlink("out/d/f"))
    attempt(lambda: os.rename("out/d/f", "out/g"))
stop = True; thread.join()
print("got", got, "denied", out > 0)
`;

testAsEach("links that are exchanged lead nowhere else, by Landlock", (place) => {
  const at = (name: string) => join(place.directory, name);
  for (const name of ["out"]) mkdirSync(at(name));
  for (const [name, text] of [
    ["secret", "secret\n"],
    ["f", "keep\n"],
    ["swaps.py", SWAPS],
  ] as const)
    writeFileSync(at(name), text, { mode: 0o666 });
  writeFileSync(
    at("policy.conf"),
    `policy p { read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "${at("out")}/**", "${at("swaps.py")}" }
      write { "${at("out")}/**", "/dev/null" } otherwise = FAIL EACCES }`,
  );
  place.own(place.directory);
  const command = ["/usr/bin/python3", "swaps.py", String(ROUNDS)];
  const { stdout, stderr, status } = place.run(["-q", "-f", "policy.conf"], command);
  assert.deepEqual([status, stdout], [0, "got 0 denied True\n"], stderr);
  assert.equal(place.plain(["cat", "secret", "f"]).stdout, "secret\nkeep\n");
});

testAsEach("io_uring works where Landlock alone decides, under its rules", (place, t) => {
  const uring = build(t, "uring");
  if (uring === undefined) return;
  mkdirSync(join(place.directory, "out"));
  for (const name of ["out/a", "other"]) writeFileSync(join(place.directory, name), "");
  place.own(place.directory);
  const lists = `read { "/**" } write { "${place.directory}/out/**" }`;
  const unlink = (more: string, name: string) =>
    place.run(
      ["-q", "-e", `policy p { ${lists} ${more} otherwise = FAIL EACCES }`],
      [uring, "unlink", name],
    );
  assert.equal(unlink('execute { "/**" }', "other").stdout, "-13\n");
  assert.equal(unlink('execute { "/**" }', "out/a").stdout, "0\n");
  // rings can change attributes, on which rules decide
  assert.match(unlink("attributes { }", "out/a").stderr, /io_uring_setup .* fails with EPERM/);
});

/** Connects while another thread exchanges the address; prints whom it reached. */
const ADDRESSES = `
import ctypes, os, socket, sys, threading
rounds, mine, theirs = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode()
libc, stop = ctypes.CDLL(None, use_errno=True), False
fit = lambda name: (b"\\x01\\0" + name).ljust(110, b"\\0")
texts = fit(mine), fit(b"\\0" + theirs)
length = 2 + max(len(mine), 1 + len(theirs))
address = ctypes.create_string_buffer(texts[0], 110)
def swap():
    i = 0
    while not stop:
        i += 1
        ctypes.memmove(address, texts[i & 1], 110)
thread = threading.Thread(target=swap); thread.start()
own = other = 0
for i in range(rounds):
    with socket.socket(socket.AF_UNIX) as one:
        if libc.connect(one.fileno(), address, length) != 0: continue
        if one.getpeername() == mine.decode(): own += 1
        else: other += 1
stop = True; thread.join()
print("other", other, "own", "some" if own else "none")
`;

testAsEach(
  "abstract sockets of others are not reached by exchanging an address",
  async (place, t) => {
    const needed = Since.scopes;
    if (landlockVersion() < needed) return t.skip(`Landlock is older than ABI ${needed}`);
    const mine = join(place.directory, "mine");
    // of one length: the name is cut by the length that connect is given
    const theirs = `sct-${process.pid}-`.padEnd(mine.length - 1, "x");
    writeFileSync(join(place.directory, "addresses.py"), ADDRESSES);
    const servers = [mine, `\0${theirs}`].map((path) =>
      createServer((one) => one.destroy()).listen(path),
    );
    try {
      await Promise.all(servers.map((server) => once(server, "listening")));
      chmodSync(mine, 0o777);
      const command = ["/usr/bin/python3", "addresses.py", String(CONNECTS), mine, theirs];
      const rules = `policy p { unix { "${mine}" } otherwise = FAIL EACCES }`;
      const child = place.start(["-o", "log", "-e", rules], command);
      const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
      await once(child, "close");
      assert.equal(await stdout, "other 0 own some\n", (await stderr).slice(0, 2000));
    } finally {
      for (const server of servers) server.close();
    }
  },
);
