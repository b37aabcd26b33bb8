#!/bin/sh
# What the machine has before systemd boots it: the package, rules in the state directory, units that try what they deny.
set -e
here=$(dirname "$0")

# Triggers would have every manual page of the machine looked at, which takes the emulator minutes.
dpkg --no-triggers --force-unsafe-io --install "$SCT_PACKAGE"
install -d -m 700 /var/lib/syscalltrack
install -m 600 "$here/rules.conf" /var/lib/syscalltrack/rules.conf
install -m 600 "$here/syscalltrack.toml" /etc/syscalltrack/syscalltrack.toml

for probe in before-rules before-network; do
  install -m 644 "$here/probe-$probe.service" /etc/systemd/system/
  systemctl enable "probe-$probe.service"
done
install -m 755 "$here/probe.sh" /etc/probe.sh
