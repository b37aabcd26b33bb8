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

# The command gets pipes, not the ports: a port can be opened once only, /dev/stdout must work as ever.
$b mkfifo -m 600 /run/vm/in /run/vm/out /run/vm/err
$b dd bs=32k if=/run/vm/out of=$($b echo /dev/vport*p1) 2>/run/vm/out.count &
out=$!
$b dd bs=32k if=/run/vm/err of=$($b echo /dev/vport*p2) 2>/run/vm/err.count &
err=$!
exec 3>$($b echo /dev/vport*p3)
$b cat /dev/vport*p4 >/run/vm/in 2>/dev/null 3>&- &

echo "ready" >&3
# In the foreground: what a shell starts in the background ignores SIGINT and SIGQUIT, children included.
$b setsid $b sh /run/vm/command.sh </run/vm/in >/run/vm/out 2>/run/vm/err 3>&-
status=$?

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
