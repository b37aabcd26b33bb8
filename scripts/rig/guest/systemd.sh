# Second stage where systemd boots the machine (init=systemd): the host's units are put out of the way, the machine is
# prepared as the test wants it, and systemd becomes process 1. Its last unit is the session.

. /run/vm/machine.sh

# What the host has enabled, and what is of no use here: under emulation each costs a second. The journal and the file
# systems of the kernel stay. Generators, which ask what a machine is like, have nothing to find.
$b rm -rf /etc/systemd/system
$b mkdir -p /etc/systemd/system /etc/systemd/system-generators
for unit in /lib/systemd/system/*.target.wants/*; do
  case ${unit##*/} in
    systemd-journald.* | systemd-journald-dev-log.socket | sys-kernel-debug.mount | sys-kernel-tracing.mount) ;;
    *) $b ln -sf /dev/null "/etc/systemd/system/${unit##*/}" ;;
  esac
done
for generator in /lib/systemd/system-generators/*; do
  $b ln -sf /dev/null "/etc/systemd/system-generators/${generator##*/}"
done
$b cp /run/vm/session.service /etc/systemd/system/session.service

# A host that is a container itself: systemd would leave out what the host of one has to mount.
$b rm -f /.dockerenv /run/.containerenv
# It forbids packages to start services.
$b rm -f /usr/sbin/policy-rc.d

# Before anything has been started, as on a machine that was set up and switched off.
if [ -e /run/vm/before.sh ]; then
  if ! $b sh /run/vm/before.sh >/run/vm/before.log 2>&1; then
    $b cat /run/vm/before.log
    $b echo "sct-vm: failed: what was to be done before the boot"
    $b poweroff -f
  fi
fi
exec /lib/systemd/systemd --unit=session.service --show-status=yes
