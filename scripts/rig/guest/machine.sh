# What every guest has, whichever program is process 1 in it, which reads this on the host's files.

b=/run/vm/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
$b ln -sf /proc/self/fd /dev/fd
$b ln -sf fd/0 /dev/stdin
$b ln -sf fd/1 /dev/stdout
$b ln -sf fd/2 /dev/stderr
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
