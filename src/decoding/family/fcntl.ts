/** fcntl(2) by command. */
import { byCommand } from "../command.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, type Piece, type Show } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { formatHex, showHex, showInt } from "../value/number.ts";
import { showSignal, signalName } from "../value/signal.ts";
import { showStruct } from "../value/struct.ts";
import { showChoice, showFlags, showSymbols } from "../value/symbol.ts";

const showCommand = showSymbols("fcntl_cmd", "F_???");
const showLockType = showChoice("F_RDLCK F_WRLCK F_UNLCK F_EXLCK F_SHLCK", "F_???", { bits: 16 });
const lockMembers = { l_type: showLockType, l_whence: showSymbols("seek_whence", "SEEK_???") };
const LOCK = "l_type l_whence l_start l_len";
const lock = (layout: string): Show => showStruct(layout, LOCK, lockMembers);
const foundLock = (layout: string): Show => showStruct(layout, `${LOCK} l_pid`, lockMembers);
const owner = showStruct("f_owner_ex", "type pid", {
  type: showChoice("F_OWNER_TID F_OWNER_PID F_OWNER_PGRP", "F_OWNER_???"),
});
const showFdFlags = showSymbols("fd_flags", "FD_???");
const showOpenFlags = showSymbols("open_flags", "O_???");
const showSeals = showSymbols("seals", "F_SEAL_???", { bits: 64 });
const showNotify = showFlags(
  "DN_ACCESS DN_MODIFY DN_CREATE DN_DELETE DN_RENAME DN_ATTRIB DN_MULTISHOT",
  "DN_???",
  { bits: 64 },
);

/** What comes back takes its comma along: the command may be the last that is printed. */
const late = (show: Show): Piece => ({ show, atExit: true, separator: "late" });
const hexResult: Show = (call, value) =>
  call.ret === 0n && !call.hasFailed ? "0" : formatHex(value);
const noteIf =
  (name: (call: Decoding) => string | undefined) =>
  (call: Decoding): string | undefined =>
    call.hasFailed || call.ret === 0n ? undefined : name(call);

const head: readonly Piece[] = [input(showFd), input(showCommand)];

const row = (lockLayout: string) =>
  byCommand(
    1,
    head,
    {
      "F_DUPFD F_DUPFD_CLOEXEC": { pieces: [input(showInt)], result: showFd },
      F_GETFD: {
        pieces: [],
        result: hexResult,
        note: noteIf((call) => `flags ${showFdFlags(call, call.ret)}`),
      },
      F_SETFD: { pieces: [input(showFdFlags)] },
      F_GETFL: {
        pieces: [],
        result: hexResult,
        note: (call) => (call.hasFailed ? undefined : `flags ${showOpenFlags(call, call.ret)}`),
      },
      F_SETFL: { pieces: [input(showOpenFlags)] },
      "F_SETLK F_SETLKW": { pieces: [input(lock(lockLayout))] },
      F_GETLK: { pieces: [late(foundLock(lockLayout))] },
      "F_OFD_SETLK F_OFD_SETLKW": { pieces: [input(lock("flock64"))] },
      F_OFD_GETLK: { pieces: [late(foundLock("flock64"))] },
      F_SETOWN: { pieces: [input(showInt)] },
      "F_GETOWN F_GETPIPE_SZ": { pieces: [] },
      F_SETPIPE_SZ: { pieces: [input(showInt)] },
      F_SETOWN_EX: { pieces: [input(owner)] },
      F_GETOWN_EX: { pieces: [late(owner)] },
      F_NOTIFY: { pieces: [input(showNotify)] },
      F_SETLEASE: { pieces: [input(showLockType)] },
      F_GETLEASE: {
        pieces: [],
        result: hexResult,
        note: (call) => (call.hasFailed ? undefined : showLockType(call, call.ret)),
      },
      F_ADD_SEALS: { pieces: [input(showSeals)] },
      F_GET_SEALS: {
        pieces: [],
        result: hexResult,
        note: noteIf((call) => `seals ${showSeals(call, call.ret)}`),
      },
      F_SETSIG: { pieces: [input(showSignal)] },
      F_GETSIG: { pieces: [], note: noteIf((call) => signalName(Number(call.ret))) },
    },
    { pieces: [input(showHex)] },
  );

/** fcntl64(2) has commands of its own for locks with wide offsets, which no header of x86_64 names. */
const F_GETLK64 = 12n;
const wide = row("flock64");
const plain = row("flock");

export const fcntlDecoding: DecodingFamily = {
  fcntl: plain,
  fcntl64: {
    choose(call) {
      const command = call.argument(1);
      const isWide = command >= F_GETLK64 && command <= F_GETLK64 + 2n;
      const chosen = isWide ? wide : plain;
      return chosen.choose?.(call) ?? { pieces: head };
    },
  },
  flock: { by: { cmd: input(showFlags("LOCK_SH LOCK_EX LOCK_NB LOCK_UN LOCK_MAND", "LOCK_???")) } },
};
