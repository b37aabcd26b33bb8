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

export const ROWS: readonly Row[] = [...REFUSED];
