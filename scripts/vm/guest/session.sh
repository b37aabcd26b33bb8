# Second stage, process 1 on the host's files: mount what a running system has, run the command, report.
# Ports (virtio-serial): 1 standard output, 2 standard error, 3 status, 4 standard input.

b=/run/vm/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
$b mkdir -p /dev/pts /dev/shm
$b mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$b mount -t tmpfs -o mode=1777 shm /dev/shm
$b ln -sf /proc/self/fd /dev/fd
$b ln -sf fd/0 /dev/stdin
$b ln -sf fd/1 /dev/stdout
$b ln -sf fd/2 /dev/stderr
$b mount -t securityfs securityfs /sys/kernel/security
$b mount -t debugfs debugfs /sys/kernel/debug
$b mount -t tracefs tracefs /sys/kernel/tracing
$b mount -t bpf bpf /sys/fs/bpf
$b mount -t cgroup2 cgroup2 /sys/fs/cgroup
$b ip link set lo up
$b hostname guest

# Folders that the host lets us write, at the path they have there. Not cached: the host reads them at once.
while IFS=' ' read -r tag path; do
  $b mkdir -p "$path"
  $b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none "$tag" "$path" ||
    $b echo "sct-vm: failed: mount of $path"
done </run/vm/writable

# The modules of this kernel, where programs look for them.
if [ -e /run/vm/modules ]; then
  $b mkdir -p /lib/modules
  $b ln -sfn "$($b cat /run/vm/modules)" "/lib/modules/$($b uname -r)"
fi

until [ -c /dev/vport*p4 ]; do $b usleep 10000; done

# The command gets pipes, not the ports: a port can be opened once only, /dev/stdout must work as ever. All ends are
# opened here, each pipe for both directions first: then no open waits for the other end, which a signal of a process
# that ended (and we are the parent of all) would break off.
$b mkfifo -m 600 /run/vm/in /run/vm/out /run/vm/err
exec 4<>/run/vm/in
exec 5</run/vm/in 6>/run/vm/in 4>&-
$b cat /dev/vport*p4 >&6 2>/dev/null 5<&- &
exec 6>&-
exec 4<>/run/vm/out
exec 6</run/vm/out 7>/run/vm/out 4>&-
$b dd bs=32k of=$($b echo /dev/vport*p1) <&6 2>/run/vm/out.count 5<&- 7>&- &
out=$!
exec 6<&-
exec 4<>/run/vm/err
exec 6</run/vm/err 8>/run/vm/err 4>&-
$b dd bs=32k of=$($b echo /dev/vport*p2) <&6 2>/run/vm/err.count 5<&- 7>&- 8>&- &
err=$!
exec 6<&-
exec 3>$($b echo /dev/vport*p3)

echo "ready" >&3
# In the foreground: what a shell starts in the background ignores SIGINT and SIGQUIT, children included.
$b setsid $b sh /run/vm/command.sh <&5 >&7 2>&8 3>&- 5<&- 7>&- 8>&-
status=$?
exec 5<&- 7>&- 8>&-

# What it left running holds the pipes open: end it, then all output is on its way when dd ends.
for process in /proc/[0-9]*; do
  process=${process#/proc/}
  case $process in
    1 | $out | $err) ;;
    *) kill -9 "$process" 2>/dev/null ;;
  esac
done
wait $out $err

# Ports are not drained by the end of the guest. With the number of bytes the host knows when it has all,
# and switches the machine off itself.
bytes() { $b sed -n 's/^\([0-9]*\) bytes.*/\1/p' "$1"; }
echo "exit $status $(bytes /run/vm/out.count) $(bytes /run/vm/err.count)" >&3
$b sleep 20
$b poweroff -f
