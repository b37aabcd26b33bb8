/** Names of the values that calls take which wait, give the time or change the system. */
import { choice, choiceOf, flags, flagsOf, named, type SymbolSets, words } from "./notation.ts";

export const systemSets: SymbolSets = {
  epoll_op: () => choiceOf("linux/eventpoll.h", /^EPOLL_CTL_/),
  epoll_flags: () => flags("EPOLL_CLOEXEC"),
  epoll_events: () => flagsOf("linux/eventpoll.h", /^EPOLL(?!_)/),
  poll_events: () => flagsOf("asm/poll.h", /^POLL(?!_)/),
  eventfd_flags: () => flagsOf("sys/eventfd.h", /^EFD_/),
  signalfd_flags: () => flagsOf("linux/signalfd.h", /^SFD_/),
  timerfd_flags: () => flags("TFD_CLOEXEC TFD_NONBLOCK"),
  inotify_flags: () => flags("IN_CLOEXEC IN_NONBLOCK"),
  inotify_mask: () =>
    flagsOf("linux/inotify.h", /^IN_(?!CLOEXEC|NONBLOCK|MOVE$|CLOSE$|ALL_EVENTS)/),
  clockid: () => choiceOf("linux/time.h", /^CLOCK_/),
  timer_flags: () => flags("TIMER_ABSTIME"),
  timerfd_settime_flags: () => flags("TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET"),
  itimer: () => choiceOf("linux/time.h", /^ITIMER_/),

  // the system
  reboot_magic: () => choiceOf("linux/reboot.h", /^LINUX_REBOOT_MAGIC/),
  delete_module_flags: () => flags("O_NONBLOCK O_TRUNC"),
  module_flags: () => flagsOf("linux/module.h", /./),
  kexec_flags: () => ({
    choices: named("linux/kexec.h", /^KEXEC_ARCH_(?!MASK)/),
    mask: 0xffff_0000n,
    flags: words("KEXEC_ON_CRASH KEXEC_PRESERVE_CONTEXT"),
  }),
  kexec_file_flags: () => flagsOf("linux/kexec.h", /^KEXEC_FILE_/),
  perf_flags: () => flagsOf("linux/perf_event.h", /^PERF_FLAG_/),
  syslog_action: () => choiceOf("linux/syslog.h", /./),
  uring_enter_flags: () => flagsOf("linux/io_uring.h", /^IORING_ENTER_/),
  uring_setup_flags: () => flagsOf("linux/io_uring.h", /^IORING_SETUP_/),
  uring_features: () => flagsOf("linux/io_uring.h", /^IORING_FEAT_/),
  uring_opcode: () =>
    choiceOf("linux/io_uring.h", /^IORING_(UN)?REGISTER_(?!FILES_SKIP|LAST|USE_)/),
  reboot_cmd: () => choiceOf("linux/reboot.h", /^LINUX_REBOOT_CMD_/),
  bpf_cmd: () =>
    choice(
      `BPF_MAP_CREATE BPF_MAP_LOOKUP_ELEM BPF_MAP_UPDATE_ELEM BPF_MAP_DELETE_ELEM BPF_MAP_GET_NEXT_KEY BPF_PROG_LOAD
      BPF_OBJ_PIN BPF_OBJ_GET BPF_PROG_ATTACH BPF_PROG_DETACH BPF_PROG_TEST_RUN BPF_PROG_GET_NEXT_ID
      BPF_MAP_GET_NEXT_ID BPF_PROG_GET_FD_BY_ID BPF_MAP_GET_FD_BY_ID BPF_OBJ_GET_INFO_BY_FD BPF_PROG_QUERY
      BPF_RAW_TRACEPOINT_OPEN BPF_BTF_LOAD BPF_BTF_GET_FD_BY_ID BPF_TASK_FD_QUERY BPF_MAP_LOOKUP_AND_DELETE_ELEM
      BPF_MAP_FREEZE BPF_BTF_GET_NEXT_ID BPF_MAP_LOOKUP_BATCH BPF_MAP_LOOKUP_AND_DELETE_BATCH BPF_MAP_UPDATE_BATCH
      BPF_MAP_DELETE_BATCH BPF_LINK_CREATE BPF_LINK_UPDATE BPF_LINK_GET_FD_BY_ID BPF_LINK_GET_NEXT_ID
      BPF_ENABLE_STATS BPF_ITER_CREATE BPF_LINK_DETACH BPF_PROG_BIND_MAP`,
    ),
};
