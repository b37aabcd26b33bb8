import assert from "node:assert/strict";
import { test } from "node:test";
import { bpfMounts, placeOf } from "./holders.ts";

const MOUNTINFO = `30 25 0:27 / /sys/fs/bpf rw,nosuid - bpf bpf rw,mode=700
31 25 0:27 / /srv/ch\\040root/bpf rw - bpf bpf rw,mode=700
32 25 0:27 /syscalltrack /srv/part rw - bpf bpf rw,mode=700
33 25 0:40 / /mnt/other rw - bpf bpf rw,mode=700
34 25 8:1 / / rw - ext4 /dev/sda1 rw
`;

for (const { path, same } of [
  { path: "/sys/fs/bpf/syscalltrack/link-0", same: true },
  { path: "/srv/ch root/bpf/syscalltrack/link-0", same: true },
  { path: "/srv/part/link-0", same: true },
  { path: "/mnt/other/syscalltrack/link-0", same: false },
  { path: "/sys/fs/bpf/syscalltrack2/link-0", same: false },
])
  test(`placeOf() ${path} is ${same ? "the same place" : "another"}`, () => {
    const mounts = bpfMounts(MOUNTINFO);
    assert.equal(mounts.length, 4);
    assert.equal(placeOf(path, mounts) === "0:27/syscalltrack/link-0", same);
  });
