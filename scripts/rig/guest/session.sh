# The command, and its report. Run by process 1 itself or by a unit of systemd.
# Ports (virtio-serial): 1 standard output, 2 standard error, 3 status, 4 standard input.

b=/run/vm/busybox
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
    1 | $$ | $out | $err) ;;
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
