#!/bin/sh
# Deletes the file that a rule protects, and writes down what came of it: gone or kept, and when, by the clock that systemd
# has its times of.
echo "echo stream tcp nowait root internal" >/etc/inetd.conf
rm -f /etc/inetd.conf
if [ -e /etc/inetd.conf ]; then result=kept; else result=gone; fi
read -r uptime _ </proc/uptime
echo "$result $uptime" >"/run/probe-$1"
