/** Clocks, timers and sleeping. */
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { addressOf, numberForm, pointerTo, pointerToNumber } from "../value/form.ts";
import { codedForm } from "../value/member.ts";
import { formatPointer, showInt } from "../value/number.ts";
import { showSignal } from "../value/signal.ts";
import { showStruct } from "../value/struct.ts";
import { showChoice, showFlags, showSymbols } from "../value/symbol.ts";
import {
  showItimerspec32,
  showItimerspec64,
  showItimerval,
  showTimespec32,
  showTimespec64,
  showTimeval,
} from "../value/time.ts";

/** Clocks of processes and descriptors, which are negative, have no name in strace either. */
const showClock = showSymbols("clockid", "CLOCK_???", { isDecimal: false });

/** The kernel gives what is left only where a signal came. */
const isInterrupted = (call: Decoding): boolean => call.ret <= -512n && call.ret >= -516n;

/** Shown as if the call had not failed. */
function remaining(time: Show): Show {
  return (call, value) => {
    if (!isInterrupted(call)) return formatPointer(addressOf(call, value));
    call.hasFailed = false;
    const text = time(call, value);
    call.hasFailed = true;
    return text;
  };
}

const clock = input(showClock);
const timerId = input(showInt);
const showTimer = showSymbols("timer_flags", "TIMER_???");
const timezone = showStruct("timezone");

function sleepRow(time: Show): DecodingFamily[string] {
  return { pieces: [input(time), output(remaining(time))] };
}

function clockSleepRow(time: Show): DecodingFamily[string] {
  const rest = remaining(time);
  const left: Show = (call, value) =>
    call.argument(1) === 0n ? rest(call, value) : formatPointer(addressOf(call, value));
  return { pieces: [clock, input(showTimer), input(time), output(left)] };
}

const getClock = (time: Show): DecodingFamily[string] => ({ pieces: [clock, output(time)] });
const setClock = (time: Show): DecodingFamily[string] => ({ pieces: [clock, input(time)] });
const getTimer = (time: Show): DecodingFamily[string] => ({ pieces: [timerId, output(time)] });
const setTimer = (time: Show): DecodingFamily[string] => ({
  pieces: [timerId, input(showTimer), input(time), output(time)],
});
const showTimerfd = showFlags("TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET", "TFD_???");
const showTimerfdFlags = showFlags(
  "TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET TFD_CLOEXEC TFD_NONBLOCK",
  "TFD_???",
);
const getTimerfd = (time: Show): DecodingFamily[string] => ({
  pieces: [input(showFd), output(time)],
});
const setTimerfd = (time: Show): DecodingFamily[string] => ({
  pieces: [input(showFd), input(showTimerfd), input(time), output(time)],
});

const SIGEV_SIGNAL = 0n;
const SIGEV_THREAD = 2n;
const SIGEV_THREAD_ID = 4n;
const showNotify = showChoice("SIGEV_SIGNAL SIGEV_NONE SIGEV_THREAD SIGEV_THREAD_ID", "SIGEV_???");

export const showSigevent = pointerTo(
  codedForm("sigevent", 64, (call, text) => {
    const value = text.value("sigev_value");
    if (value !== 0n) {
      const parts = `sival_int=${showInt(call, value)}, sival_ptr=${formatPointer(value)}`;
      text.addText("sigev_value", `{${parts}}`);
    }
    const notify = text.value("sigev_notify");
    const isSignal = [SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID].includes(notify);
    text.add("sigev_signo", isSignal ? showSignal : "uint").add("sigev_notify", showNotify);
    if (notify === SIGEV_THREAD_ID) text.add("sigev_notify_thread_id", showInt);
    return text.end();
  }),
);

const itimer = input(showSymbols("itimer", "ITIMER_???"));

export const timeDecoding: DecodingFamily = {
  nanosleep: sleepRow(showTimespec64),
  "nanosleep/i386": sleepRow(showTimespec32),
  clock_nanosleep: clockSleepRow(showTimespec64),
  "clock_nanosleep/i386": clockSleepRow(showTimespec32),
  clock_nanosleep_time64: clockSleepRow(showTimespec64),
  clock_gettime: getClock(showTimespec64),
  "clock_gettime/i386": getClock(showTimespec32),
  clock_gettime64: getClock(showTimespec64),
  clock_getres: getClock(showTimespec64),
  "clock_getres/i386": getClock(showTimespec32),
  clock_getres_time64: getClock(showTimespec64),
  clock_settime: setClock(showTimespec64),
  "clock_settime/i386": setClock(showTimespec32),
  clock_settime64: setClock(showTimespec64),
  gettimeofday: { pieces: [output(showTimeval), output(timezone)] },
  settimeofday: { pieces: [input(showTimeval), input(timezone)] },
  time: {
    pieces: [output(pointerToNumber(numberForm("word", (_, value) => String(value), true)))],
  },
  getitimer: { pieces: [itimer, output(showItimerval)] },
  setitimer: { pieces: [itimer, input(showItimerval), output(showItimerval)] },
  timer_create: {
    pieces: [clock, input(showSigevent), output(pointerToNumber(numberForm(4, showInt, true)))],
  },
  timer_gettime: getTimer(showItimerspec64),
  "timer_gettime/i386": getTimer(showItimerspec32),
  timer_gettime64: getTimer(showItimerspec64),
  timer_settime: setTimer(showItimerspec64),
  "timer_settime/i386": setTimer(showItimerspec32),
  timer_settime64: setTimer(showItimerspec64),
  timer_getoverrun: { pieces: [timerId] },
  timer_delete: { pieces: [timerId] },
  timerfd_gettime: getTimerfd(showItimerspec64),
  "timerfd_gettime/i386": getTimerfd(showItimerspec32),
  timerfd_gettime64: getTimerfd(showItimerspec64),
  timerfd_settime: setTimerfd(showItimerspec64),
  "timerfd_settime/i386": setTimerfd(showItimerspec32),
  timerfd_settime64: setTimerfd(showItimerspec64),
  timerfd_create: {
    pieces: [clock, input(showTimerfdFlags)],
    result: showFd,
  },
};
