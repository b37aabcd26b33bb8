/** The rows: see file-rules.ts. */
import type { Row } from "./file-rules.ts";

/** What names no file, and why the kernel says so. */
const NAMELESS: Row["acts"] = [
  ['open_("")', "ENOENT"],
  ['open_("x", directory=999)', "EBADF"],
  ['open_("file/x")', "ENOTDIR"],
  ['open_("x", directory=held[0])', "ENOTDIR"],
  ['open_(".", directory=held[0])', "ENOTDIR"],
  ['open_("x", directory=held[1])', "ENOTDIR"],
  ['open_("x" * 300)', "ENAMETOOLONG"],
  ['open_("x/" * 3000)', "ENAMETOOLONG"],
  ['open_("loop/x")', "ELOOP"],
  ['as_user(lambda: open_("closed/file"))', "EACCES"],
  ['as_user(lambda: open_("closed/more/file"))', "EACCES"],
  ["call(2, 8, 0)", "EFAULT"],
  ["call(2, ctypes.c_void_p(-4096), 0)", "EFAULT"],
  ["call(2, ctypes.c_void_p(text_at_end), 0)", "EFAULT"],
];
/** A text without an end before memory that nobody may touch. */
const TEXT_AT_END = `area = mmap.mmap(-1, 8192); area.write(b"x" * 4096)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
libc.mprotect(ctypes.c_void_p(start + 4096), 4096, 0); text_at_end = start + 4090
held = [os.open("file", os.O_PATH), os.pipe()[0]]`;
const NAMELESS_FILES =
  "echo > file; ln -s loop loop; mkdir closed; echo > closed/file; chmod 000 closed";

const REFUSED: readonly Row[] = [
  {
    name: "what the kernel refuses anyway keeps its own error",
    calls: "open",
    filter: `PATH startswith "$D/"`,
    prepare: NAMELESS_FILES,
    begin: TEXT_AT_END,
    acts: [['write("new")', "denied"], ['open_("file")', "denied"], ...NAMELESS],
  },
  {
    name: "and is not what a negated condition means",
    calls: "open",
    filter: `!(PATH startswith "/nowhere/") && !(PATH == "/nowhere")`,
    prepare: NAMELESS_FILES,
    begin: TEXT_AT_END,
    acts: [['write("new")', "denied"], ['open_("file")', "denied"], ...NAMELESS],
  },
  {
    name: "nor is it logged",
    calls: "open",
    filter: `PATH startswith "$D/" || PATH != "/nowhere"`,
    logs: true,
    prepare: NAMELESS_FILES,
    begin: TEXT_AT_END,
    acts: [['open_("file")', "ok"], ...NAMELESS],
    matches: 1,
  },
  {
    name: "a condition that is met without the path counts",
    calls: "open",
    filter: `PATH == "/nowhere" || TID > 0`,
    logs: true,
    prepare: "echo > file",
    acts: [
      ['open_("")', "ENOENT"],
      ['open_("file/x")', "ENOTDIR"],
      ['open_("file")', "ok"],
    ],
    matches: 3,
  },
  {
    name: "a program is found in the next directory",
    calls: "execve",
    filter: `PATH == "/usr/bin/curl"`,
    prepare: "mkdir closed; chmod 000 closed",
    acts: [
      [`as_user(lambda: run("env", f"PATH={D}/closed:/usr/bin:/bin", "echo", "found"))`, "found"],
      [`run("env", "PATH=/usr/bin/env:/usr/bin:/bin", "echo", "found")`, "found"],
    ],
  },
  {
    name: "an empty name is the descriptor where the call says so",
    calls: "stat",
    filter: `PATH == "$D/file"`,
    prepare: "echo > file; echo > other",
    begin: `held = [os.open(one, os.O_PATH) for one in ("file", "other")]
room = ctypes.create_string_buffer(1000)`,
    acts: [
      ['call(262, held[0], b"", room, 0x1000)', "denied"],
      ['call(262, held[1], b"", room, 0x1000)', "ok"],
      ['call(262, held[0], b"", room, 0)', "ENOENT"],
    ],
  },
];

/** A directory with files, links to both, and one of these on the way to each literal. */
const LINKED = `mkdir real other; echo > real/file; echo > real/more; echo > other/file
ln -s real near; ln -s $PWD/real/ far; ln -s real/file name; ln -s near chain; ln -s no/where dangling`;

/** By its real name, and by those of the links. */
const FILE_DENIED: Row["acts"] = [
  ['open_("real/file")', "denied"],
  ['open_("near/file")', "denied"],
  ['open_("chain/../far/./file")', "denied"],
  ['open_("name")', "denied"],
  ['open_("real/more")', "ok"],
  ['open_("other/file")', "ok"],
];

const LITERALS: readonly Row[] = [
  ...[
    `PATH == "$D/near/file"`,
    `PATH == "$D/far/file"`,
    `PATH == "$D/chain/file"`,
    `PATH == "$D/name"`,
    `PATH == "$D//other/../real/./file"`,
    `!(PATH != "$D/near/file")`,
    `PATH in ("$D/far/file", "$D/none")`,
    `!(PATH not in ("$D/far/file", "$D/none"))`,
    `PATH matches "$D/near/f*"`,
    `PATH matches "$D/{none,chain}/file"`,
    `PATH startswith "$D/near/fi"`,
    `PATH startswith "$D//far/f"`,
  ].map(
    (filter): Row => ({
      name: `a literal that leads over links: ${filter}`,
      calls: "open",
      filter,
      prepare: LINKED,
      acts: FILE_DENIED,
    }),
  ),
  {
    name: "a directory that is a link, without a slash behind it",
    calls: "open, unlink",
    filter: `PATH startswith "$D/near"`,
    prepare: LINKED,
    acts: [
      ['open_("real/file")', "denied"],
      ['open_("real", os.O_DIRECTORY)', "denied"],
      ['delete("near")', "denied"],
      ['open_("other/file")', "ok"],
    ],
  },
  {
    name: "the link itself, and the file",
    calls: "unlink",
    filter: `PATH == "$D/name"`,
    prepare: LINKED,
    acts: [
      ['delete("name")', "denied"],
      ['delete("near/file")', "denied"],
      ['delete("real/more")', "ok"],
    ],
  },
  {
    name: "a name that is not there yet",
    calls: "open",
    filter: `PATH == "$D/near/new" || PATH == "$D/dangling"`,
    prepare: `${LINKED}; mkdir no`,
    acts: [
      ['write("real/new")', "denied"],
      ['write("dangling")', "denied"],
      ['write("no/where")', "denied"],
    ],
  },
  {
    name: "a negated test of a directory that is a link",
    calls: "open",
    filter: `PATH startswith "$D/" && !(PATH startswith "$D/near/")`,
    prepare: LINKED,
    acts: [
      ['open_("real/file")', "ok"],
      ['open_("near/more")', "ok"],
      ['open_("other/file")', "denied"],
    ],
  },
  {
    name: "the directory of a program",
    calls: "open",
    filter: `CWD == "$D/near" && PATH == "$D/other/file"`,
    prepare: LINKED,
    acts: [
      [`(os.chdir("near"), open_("../other/file"), os.chdir(".."))[1]`, "denied"],
      ['open_("other/file")', "ok"],
    ],
  },
  {
    name: "a program behind a link",
    calls: "unlink",
    filter: `EXE == "$D/near/remove" && PATH startswith "$D/"`,
    prepare: `${LINKED}; cp /bin/rm real/remove`,
    anyComm: true,
    acts: [
      ['"cannot" in run("real/remove", "-f", "other/file")', "True"],
      ['"cannot" in run("/bin/rm", "-f", "other/file")', "False"],
    ],
    matches: 1,
  },
  {
    name: "/bin and /usr/bin are one directory",
    calls: "execve",
    filter: `PATH in ("/bin/false", "/usr/bin/mesg")`,
    acts: [
      ['attempt(run, "/bin/false")', "denied"],
      ['attempt(run, "/usr/bin/false")', "denied"],
      ['attempt(run, "/usr/bin/true")', "ok"],
    ],
  },
  {
    name: "an old hard link is the file",
    calls: "open, unlink",
    filter: `PATH == "$D/file" || PATH in ("$D/none", "$D/near/more")`,
    prepare: `${LINKED}; echo > file; ln file hard; ln real/more alias; echo > free`,
    acts: [
      ['open_("hard")', "denied"],
      ['delete("hard")', "denied"],
      ['open_("alias")', "denied"],
      ['open_("free")', "ok"],
    ],
  },
];

/** Programs whose files have no name any more, or never had one. */
const UNNAMED: readonly Row[] = [
  {
    name: "a program that is deleted keeps its name",
    calls: "unlink",
    filter: `EXE == "$D/prog" && PATH == "$D/file"`,
    prepare: "cp /usr/bin/perl prog; echo > file",
    anyComm: true,
    acts: [['run(D + "/prog", "-e", "unlink q(prog); unlink(q(file)) or print $!+0")', "117"]],
    matches: 1,
  },
  {
    name: "a program in memory is memfd:NAME",
    calls: "unlink",
    filter: `EXE == "memfd:prog" && PATH startswith "$D/"`,
    prepare: "echo > file",
    begin: `program = os.memfd_create("prog", 0)
os.write(program, open("/bin/rm", "rb").read())`,
    anyComm: true,
    acts: [
      ['"cannot" in run(f"/proc/self/fd/{program}", "-f", "file", pass_fds=[program])', "True"],
    ],
    matches: 1,
  },
  {
    name: "a file in memory, opened again",
    calls: "open",
    filter: `PATH == "memfd:text"`,
    begin: 'text = os.memfd_create("text")',
    acts: [
      ['open_(f"/proc/self/fd/{text}")', "denied"],
      ['open_("/dev/null")', "ok"],
    ],
  },
  {
    name: "a pipe, a socket and an eventfd are what links of /proc call them",
    calls: "write",
    filter: `PATH matches "pipe:\\[[0-9]*\\]" || PATH startswith "socket:[" || PATH == "anon_inode:[eventfd]"`,
    begin: `import socket
_, pipe = os.pipe(); ends = socket.socketpair(); event = os.eventfd(0)
file = os.open("file", os.O_WRONLY | os.O_CREAT)`,
    acts: [
      ['attempt(os.write, pipe, b"12345678")', "denied"],
      ['attempt(os.write, ends[0].fileno(), b"12345678")', "denied"],
      ['attempt(os.write, event, b"12345678")', "denied"],
      ['attempt(os.write, file, b"12345678")', "ok"],
    ],
  },
  {
    name: "the process of a pidfd is the parameter of kill",
    calls: "kill",
    filter: "PARAMS[1] == PID",
    begin: "own = os.pidfd_open(os.getpid()); parent = os.pidfd_open(os.getppid())",
    acts: [
      ["call(424, own, 0, 0, 0)", "denied"],
      ["attempt(os.kill, os.getpid(), 0)", "denied"],
      ["call(424, parent, 0, 0, 0)", "ok"],
    ],
  },
  {
    name: "flags are where each way of opening has them",
    calls: "open",
    filter: `PATH startswith "$D/" && PARAMS[2] & O_CREAT`,
    begin: `how = lambda flags: (ctypes.c_ulonglong * 3)(flags, 0o600 if flags else 0, 0)
made, read = how(os.O_CREAT | os.O_WRONLY), how(0)`,
    prepare: "echo > file",
    acts: [
      ['call(85, b"made", 0o600)', "denied"],
      ['call(437, -100, b"made", made, 24)', "denied"],
      ['call(437, -100, b"file", read, 24)', "ok"],
      ['open_("file")', "ok"],
    ],
  },
  {
    name: "a file in a mount without a name is denied by a pattern",
    calls: "open",
    filter: `PATH matches "$D/dir/*"`,
    root: true,
    prepare: "mkdir dir; echo > dir/file",
    acts: [
      [
        'forked(lambda: (libc.unshare(0x20000), open_("file", directory=libc.syscall(428, -100, b"dir", 0x80001)))[-1])',
        "denied",
      ],
      ['open_("dir/file")', "denied"],
      ['open_("/dev/null")', "ok"],
    ],
  },
  {
    name: "an open file that is deleted keeps its name",
    calls: "open",
    filter: `PATH == "$D/gone" || PATH == "$D/dir/x"`,
    prepare: "echo > gone; mkdir dir; echo > 'kept (deleted)'",
    begin: `gone = os.open("gone", 0); os.unlink("gone")
kept = os.open("kept (deleted)", 0)`,
    acts: [
      ['open_(f"/proc/self/fd/{gone}")', "denied"],
      ['open_(f"/proc/self/fd/{kept}")', "ok"],
    ],
  },
  {
    name: "the directory of a process that is deleted",
    calls: "chdir",
    filter: `CWD == "$D/dir"`,
    prepare: "mkdir dir",
    begin: `os.chdir("dir"); os.rmdir("../dir")`,
    logs: true,
    acts: [['attempt(os.chdir, "/")', "ok"]],
    matches: 1,
  },
];

const WRITTEN: readonly Row[] = [
  {
    name: "a file that nobody may write keeps its content in every way",
    calls: "open",
    filter: `PATH == "$D/file" && PARAMS[2] & (O_WRONLY | O_RDWR)`,
    prepare: "echo > file; echo > new; ln file hard",
    acts: [
      ['open_("file")', "ok"],
      ['open_("file", os.O_WRONLY)', "denied"],
      ['open_("file", os.O_TRUNC)', "denied"],
      ['attempt(os.truncate, "file", 0)', "denied"],
      ['attempt(os.truncate, "hard", 0)', "denied"],
      ['delete("file")', "denied"],
      ['attempt(os.rename, "new", "file")', "denied"],
      ['attempt(os.link, "file", "more")', "denied"],
      ['attempt(os.truncate, "new", 0)', "ok"],
      ['open_("new", os.O_TRUNC)', "ok"],
    ],
  },
];

/** Behind it the link leads to the other directory. */
const EXCHANGE = '(os.symlink("other", "next"), os.rename("next", "near"), "done")[-1]';

const EXCHANGED: readonly Row[] = [
  {
    name: "a link that is exchanged leads to another file",
    calls: "open",
    filter: `PATH == "$D/near/file"`,
    prepare: LINKED,
    acts: [
      ['open_("other/file")', "ok"],
      [EXCHANGE, "done"],
      ['until(lambda: open_("other/file"), "denied")', "denied"],
      // until it is gone
      ['open_("real/file")', "denied"],
    ],
  },
  {
    name: "a link that is exchanged leads to another directory",
    calls: "open",
    filter: `PATH startswith "$D/near/"`,
    prepare: LINKED,
    acts: [
      ['open_("real/file")', "denied"],
      ['open_("other/file")', "ok"],
      [EXCHANGE, "done"],
      ['until(lambda: open_("other/file"), "denied")', "denied"],
      ['open_("real/file")', "ok"],
    ],
  },
];

export const ROWS: readonly Row[] = [...REFUSED, ...LITERALS, ...UNNAMED, ...EXCHANGED, ...WRITTEN];
