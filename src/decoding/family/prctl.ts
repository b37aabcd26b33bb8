/** prctl(2) and arch_prctl(2) by option. */
import { byCommand } from "../command.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, type Piece, type Show } from "../piece.ts";
import { showFilterProgram } from "../value/bpf-filter.ts";
import { numberForm, pointerToNumber } from "../value/form.ts";
import {
  formatHex,
  formatPointer,
  showAddress,
  showHex,
  showInt,
  showUint,
  showUlong,
} from "../value/number.ts";
import { showSignal } from "../value/signal.ts";
import { showChoice, showFlags, showSymbols } from "../value/symbol.ts";
import { formatString, showString } from "../value/text.ts";
import { showCapability } from "./capabilities.ts";

const showOption = showSymbols("prctl_option", "PR_???");
const late = (show: Show): Piece => ({ show, atExit: true });
const at = (register: number, show: Show): Piece => ({ ...input(show), register });
/** The parameters from one on, as numbers. */
const hexFrom = (first: number): readonly Piece[] =>
  [1, 2, 3, 4].filter((i) => i >= first).map((i) => at(i, showHex));

const NAME_SIZE = 16;
const showDumpable = showChoice("SUID_DUMP_DISABLE SUID_DUMP_USER SUID_DUMP_ROOT", "SUID_DUMP_???");
const showMode = showChoice(
  "SECCOMP_MODE_DISABLED SECCOMP_MODE_STRICT SECCOMP_MODE_FILTER",
  "SECCOMP_MODE_???",
);
const showAmbient = showChoice(
  "PR_CAP_AMBIENT_IS_SET PR_CAP_AMBIENT_RAISE PR_CAP_AMBIENT_LOWER PR_CAP_AMBIENT_CLEAR_ALL",
  "PR_CAP_AMBIENT_???",
);
const showSecurebits = showFlags(
  `SECBIT_NOROOT SECBIT_NOROOT_LOCKED SECBIT_NO_SETUID_FIXUP SECBIT_NO_SETUID_FIXUP_LOCKED SECBIT_KEEP_CAPS
  SECBIT_KEEP_CAPS_LOCKED SECBIT_NO_CAP_AMBIENT_RAISE SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED`,
  "SECBIT_???",
);
const showTsc = showChoice("PR_TSC_ENABLE PR_TSC_SIGSEGV", "PR_TSC_???");
const showMemory = showChoice(
  `PR_SET_MM_START_CODE PR_SET_MM_END_CODE PR_SET_MM_START_DATA PR_SET_MM_END_DATA PR_SET_MM_START_STACK
  PR_SET_MM_START_BRK PR_SET_MM_BRK PR_SET_MM_ARG_START PR_SET_MM_ARG_END PR_SET_MM_ENV_START PR_SET_MM_ENV_END
  PR_SET_MM_AUXV PR_SET_MM_EXE_FILE PR_SET_MM_MAP PR_SET_MM_MAP_SIZE`,
  "PR_SET_MM_???",
);
const showVma = showChoice("PR_SET_VMA_ANON_NAME", "PR_SET_VMA_???");
const uintBehind = pointerToNumber(numberForm(4, showUint));
const pointerBehind = pointerToNumber(numberForm("word", showHex));
const PDEATH_LIMIT = 128n;
const hexResult: Show = (_, value) => formatHex(value);

const ANON_NAME = 0n;
const isAnonName = (call: Decoding): boolean => call.argument(1) === ANON_NAME;
const FILTER_MODE = 2n;
const STRICT_MODE = 1n;
const ambientTakes = (call: Decoding): boolean => call.argument(1) >= 1n && call.argument(1) <= 3n;
const when = (shown: (call: Decoding) => boolean, piece: Piece): Piece => ({ ...piece, shown });

const rows = {
  "PR_GET_KEEPCAPS PR_GET_SECCOMP PR_GET_TIMERSLACK PR_GET_TIMING PR_TASK_PERF_EVENTS_DISABLE PR_TASK_PERF_EVENTS_ENABLE":
    { pieces: [] },
  "PR_GET_CHILD_SUBREAPER PR_GET_ENDIAN PR_GET_FPEMU PR_GET_FPEXC": { pieces: [late(uintBehind)] },
  PR_GET_DUMPABLE: {
    pieces: [],
    note: (call: Decoding) => (call.hasFailed ? undefined : showDumpable(call, call.ret)),
  },
  PR_GET_NAME: {
    pieces: [
      late((call, value) =>
        call.hasFailed ? formatPointer(value) : formatString(call, value, NAME_SIZE - 1),
      ),
    ],
  },
  PR_GET_PDEATHSIG: { pieces: [late(pointerToNumber(numberForm(4, showSignal)))] },
  PR_GET_SECUREBITS: {
    pieces: [],
    result: hexResult,
    note: (call: Decoding) =>
      call.hasFailed || call.ret === 0n ? undefined : showSecurebits(call, call.ret),
  },
  PR_GET_TID_ADDRESS: { pieces: [late(pointerBehind)] },
  PR_GET_TSC: { pieces: [late(pointerToNumber(numberForm(4, showTsc)))] },
  "PR_SET_CHILD_SUBREAPER PR_SET_ENDIAN PR_SET_FPEMU PR_SET_FPEXC PR_SET_KEEPCAPS PR_SET_TIMING": {
    pieces: [input(showUlong)],
  },
  PR_SET_DUMPABLE: { pieces: [input(showDumpable)] },
  "PR_CAPBSET_DROP PR_CAPBSET_READ": { pieces: [input(showCapability)] },
  PR_CAP_AMBIENT: {
    pieces: [
      input(showAmbient),
      at(2, (call, value) => (ambientTakes(call) ? showCapability : showHex)(call, value)),
      ...hexFrom(3),
    ],
  },
  PR_SET_NAME: {
    pieces: [
      input((call, value) =>
        formatString(call, value, Math.min(NAME_SIZE - 1, call.options.stringLimit)),
      ),
    ],
  },
  PR_SET_VMA: {
    pieces: [
      input(showVma),
      when(isAnonName, at(2, showAddress)),
      when(isAnonName, at(3, showUlong)),
      when(isAnonName, at(4, showString)),
      ...hexFrom(2).map((piece) => when((call) => !isAnonName(call), piece)),
    ],
  },
  PR_SET_MM: { pieces: [input(showMemory), ...hexFrom(2)] },
  PR_SET_PDEATHSIG: {
    pieces: [input((call, value) => (value > PDEATH_LIMIT ? showUlong : showSignal)(call, value))],
  },
  PR_SET_PTRACER: {
    pieces: [
      input((call, value) =>
        BigInt.asIntN(32, value) === -1n ? "PR_SET_PTRACER_ANY" : showInt(call, value),
      ),
    ],
  },
  PR_SET_SECCOMP: {
    pieces: [
      input(showMode),
      when((call) => call.argument(1) === FILTER_MODE, at(2, showFilterProgram)),
      ...hexFrom(2).map((piece) =>
        when((call) => call.argument(1) !== FILTER_MODE && call.argument(1) !== STRICT_MODE, piece),
      ),
    ],
  },
  PR_SET_SECUREBITS: { pieces: [input(showSecurebits)] },
  PR_SET_TIMERSLACK: { pieces: [input((_, value) => BigInt.asIntN(64, value).toString())] },
  PR_SET_TSC: { pieces: [input(showTsc)] },
  "PR_SET_NO_NEW_PRIVS PR_SET_THP_DISABLE PR_SET_IO_FLUSHER": {
    pieces: [input(showUlong), ...hexFrom(2)],
  },
};

const ARCH_SUPPORTED = "ARCH_GET_XCOMP_SUPP ARCH_GET_XCOMP_PERM ARCH_GET_XCOMP_GUEST_PERM";

export const prctlDecoding: DecodingFamily = {
  prctl: byCommand(0, [input(showOption)], rows, { pieces: hexFrom(1) }),
  arch_prctl: byCommand(
    0,
    [input(showSymbols("arch_prctl_option", "ARCH_???"))],
    {
      "ARCH_GET_GS ARCH_GET_FS": { pieces: [late(pointerBehind)] },
      ARCH_GET_CPUID: { pieces: [] },
      [ARCH_SUPPORTED]: {
        pieces: [late(pointerToNumber(numberForm(8, (_, value) => formatHex(value))))],
      },
    },
    { pieces: [input(showHex)] },
  ),
};
