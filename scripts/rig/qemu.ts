// The QEMU command line. Pure: the traps it avoids are written beside each option.

export interface WritableFolder {
  readonly tag: string;
  readonly path: string;
}

/** Ports of the guest by number (see guest/session.sh); each is a Unix socket `<name>.sock` that we listen on. */
export const PORTS = { out: 1, err: 2, status: 3, in: 4 } as const;

export interface Machine {
  readonly image: string;
  readonly initramfs: string;
  /** Holds the sockets of the ports. */
  readonly socketFolder: string;
  readonly append: readonly string[];
  readonly writable: readonly WritableFolder[];
  readonly memoryMb: number;
}

const KERNEL_ARGUMENTS = [
  "console=ttyS0",
  // Warnings and worse reach the console, which only we read.
  "loglevel=5",
  // A crash ends the machine at once (with -no-reboot), and an oops is a crash.
  "panic=-1",
  "oops=panic",
  "mitigations=off",
  // on a busy machine the timer comes too late for the check at boot, which then panics
  "no_timer_check",
];

export function qemuArguments(machine: Machine): string[] {
  return [
    ...["-no-user-config", "-nodefaults", "-display", "none", "-no-reboot"],
    // Emulated on purpose: stock guests hang under nested KVM. One processor: with two, multi-threaded
    // emulation sometimes oopses at boot while kernel text is patched.
    ...["-machine", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "1"],
    ...["-m", `${machine.memoryMb}M`],
    ...["-kernel", machine.image, "-initrd", machine.initramfs],
    ...["-append", [...KERNEL_ARGUMENTS, ...machine.append].join(" ")],
    ...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ...["-device", "virtio-serial-pci"],
    ...Object.entries(PORTS).flatMap(([name, number]) => [
      ...["-chardev", `socket,id=${name},path=${value(`${machine.socketFolder}/${name}.sock`)}`],
      ...["-device", `virtserialport,chardev=${name},nr=${number},name=${name}`],
    ]),
    // multidevs: one share spans the file systems of the host, whose inode numbers may collide.
    ...["-virtfs", share("/", "hostroot", ",readonly=on,multidevs=remap")],
    ...machine.writable.flatMap(({ path, tag }) => ["-virtfs", share(path, tag, "")]),
  ];
}

function share(path: string, tag: string, more: string): string {
  return `local,path=${value(path)},mount_tag=${tag},security_model=none${more}`;
}

/** QEMU splits option lists at commas; a doubled comma is a comma. */
function value(text: string): string {
  return text.replaceAll(",", ",,");
}
