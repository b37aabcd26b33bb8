/** Signals: who gets them, what they do, which are held back. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, pointerTo } from "../value/form.ts";
import { codedForm, type StructText } from "../value/member.ts";
import { formatHex, formatPointer, showInt, showUlong } from "../value/number.ts";
import { siginfoForm } from "../value/siginfo.ts";
import {
  formatSignalSet,
  formatSignalSetAt,
  SIGNAL_SET_SIZE,
  showSignal,
  showSignalSet,
  signalName,
} from "../value/signal.ts";
import { showStruct } from "../value/struct.ts";
import { showFlags, showSymbols } from "../value/symbol.ts";
import { showTimespec32, showTimespec64 } from "../value/time.ts";

const SIG_DFL = 0n;
const SIG_IGN = 1n;
const SIG_ERR = -1n;

const showHandler: Show = (call, value) => {
  const address = addressOf(call, value);
  const name = handlerName(address, call);
  if (name === undefined) return formatPointer(address);
  const { constants } = call.options;
  if (constants === "raw") return formatHex(address);
  return constants === "verbose" ? `${formatHex(address)} /* ${name} */` : name;
};

function handlerName(address: bigint, call: Decoding): string | undefined {
  if (address === SIG_DFL) return "SIG_DFL";
  if (address === SIG_IGN) return "SIG_IGN";
  return address === addressOf(call, SIG_ERR) ? "SIG_ERR" : undefined;
}

const showActionFlags = showFlags(
  `SA_RESTORER SA_ONSTACK SA_RESTART SA_NOCLDSTOP SA_NOCLDWAIT SA_NODEFER SA_RESETHAND SA_SIGINFO
  SA_UNSUPPORTED SA_EXPOSE_TAGBITS`,
  "SA_???",
  { bits: 64 },
);
const SA_RESTORER = 0x04000000n;

function printAction(text: StructText, mask: string): string {
  text.add("sa_handler", showHandler).addText("sa_mask", mask);
  text.add("sa_flags", showActionFlags);
  if ((text.value("sa_flags") & SA_RESTORER) !== 0n) text.add("sa_restorer", "address");
  return text.end();
}

const action = pointerTo(
  codedForm(
    "sigaction",
    (call) => 3 * call.word + 8,
    (call, text, bytes) => {
      const at = 3 * call.word;
      return printAction(text, formatSignalSet(call, bytes.subarray(at, at + 8)));
    },
  ),
);
const oldAction = pointerTo(
  codedForm("old_sigaction", 16, (call, text, bytes) =>
    printAction(text, formatSignalSet(call, bytes.subarray(4, 8))),
  ),
);

const how = input(showSymbols("sigprocmask_how", "SIG_???"));
const showOldSet: Show = (call, value) =>
  formatSignalSetAt(call, value, BigInt(call.word), call.word);
const signal = input(showSignal);
const pid = input(showInt);
const info = pointerTo(siginfoForm);
const stack = showStruct("sigaltstack", "ss_sp ss_flags ss_size", {
  ss_flags: showFlags("SS_ONSTACK SS_DISABLE SS_AUTODISARM", "SS_???"),
  ss_size: showUlong,
});

/** The signal that was taken, by name. */
const takenSignal = (call: Decoding): string | undefined =>
  call.hasFailed ? undefined : signalName(Number(call.ret));

function timedWait(time: Show): DecodingFamily[string] {
  return {
    // as it was: of what is left the kernel says nothing
    pieces: [
      input(showSignalSet(3)),
      output(info),
      { ...output((call) => call.kept?.[2] ?? "NULL"), keep: time },
      input(showUlong),
    ],
    note: takenSignal,
  };
}

export const signalsDecoding: DecodingFamily = {
  rt_sigaction: { pieces: [signal, input(action), output(action), input(showUlong)] },
  sigaction: { pieces: [signal, input(oldAction), output(oldAction)] },
  signal: { pieces: [signal, input(showHandler)], result: showHandlerResult },
  rt_sigprocmask: {
    pieces: [how, input(showSignalSet(3)), output(showSignalSet(3)), input(showUlong)],
  },
  sigprocmask: { pieces: [how, input(showOldSet), output(showOldSet)] },
  rt_sigpending: { pieces: [output(showSignalSet(1, 1)), input(showUlong)] },
  sigpending: { pieces: [output(showOldSet)] },
  rt_sigsuspend: { pieces: [input(showSignalSet(1)), input(showUlong)] },
  rt_sigtimedwait: timedWait(showTimespec64),
  "rt_sigtimedwait/i386": timedWait(showTimespec32),
  rt_sigtimedwait_time64: timedWait(showTimespec64),
  rt_sigqueueinfo: { pieces: [pid, signal, input(info)] },
  rt_tgsigqueueinfo: { pieces: [pid, pid, signal, input(info)] },
  kill: { pieces: [pid, signal] },
  tkill: { pieces: [pid, signal] },
  tgkill: { pieces: [pid, pid, signal] },
  sigaltstack: { pieces: [input(stack), output(stack)] },
  pidfd_send_signal: { by: { info: input(info) } },
  signalfd4: {
    by: {
      user_mask: input(showSignalSet(2)),
      flags: input(showSymbols("signalfd_flags", "SFD_???")),
    },
    result: showFd,
  },
  rt_sigreturn: { pieces: [input(restoredMask)] },
};

/** Behind the stack pointer of x86_64: the signals that struct ucontext holds back. */
const MASK_OFFSET = 296n;

/** What the handler returns to; the call has no parameters. */
function restoredMask(call: Decoding): string {
  const stack = call.word === 8 ? call.context.stackPointer?.() : undefined;
  if (stack === undefined) return "";
  const set = formatSignalSetAt(call, stack + MASK_OFFSET, BigInt(SIGNAL_SET_SIZE), 8);
  return `{mask=${set}}`;
}

function showHandlerResult(call: Decoding, value: bigint): string {
  return formatHex(addressOf(call, value));
}
