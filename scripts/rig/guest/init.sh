#!/bin/busybox sh
# First stage, in the initramfs: load modules, lay a tmpfs over the host's read-only files, go there.
# A failure here is seen on the console: the host reports its tail when the guest ends without a status.

b=/bin/busybox
must() {
  "$@" && return
  $b echo "sct-vm: failed: $*"
  $b poweroff -f
}

must $b mount -t proc proc /proc
must $b mount -t devtmpfs dev /dev
for module in /modules/*; do
  [ -e "$module" ] && must $b insmod "$module"
done
must $b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro hostroot /lower
must $b mount -t tmpfs -o mode=755 layer /layer
must $b mkdir /layer/upper /layer/work
must $b mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work overlay /new
must $b mount -t tmpfs -o mode=755 etc /new/etc
(cd /new/etc && must $b cpio -i 2>/dev/null) </etc.cpio
must $b mount -t tmpfs -o mode=755 run /new/run
must $b mkdir -m 1777 /new/run/tmp
must $b cp -a /vm /new/run/vm
must $b cp -a /bin/busybox /new/run/vm/busybox
case " $($b cat /proc/cmdline) " in
  *" init=systemd "*) stage=systemd.sh ;;
  *) stage=alone.sh ;;
esac
$b umount /dev
$b umount /proc
exec $b switch_root /new /run/vm/busybox sh /run/vm/$stage
