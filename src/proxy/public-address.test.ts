import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { isPublic } from "./public-address.ts";

test("isPublic() is true of addresses that lead to the same host from everywhere", () => {
  for (const address of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"])
    assert.ok(isPublic(address), address);
});

test("isPublic() is false of everything near, of metadata services, and of what stands in other addresses", () => {
  const addresses = [
    ...["0.0.0.0", "127.0.0.1", "127.255.255.255", "10.1.2.3", "172.16.0.1", "172.31.255.255"],
    ...["192.168.1.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
    ...["224.0.0.1", "255.255.255.255", "198.18.0.1"],
    ...["::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"],
    // Teredo, and addresses of IPv4 in mapped form, NAT64, 6to4
    ...["2001::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
    ...["64:ff9b:1::1", "::7f00:1", "100::1", "5f00::1"],
  ];
  for (const address of addresses) assert.ok(!isPublic(address), address);
});

test("isPublic() is false of the addresses of this machine", () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  assert.ok(own.length > 0);
  for (const { address } of own) assert.ok(!isPublic(address), address);
});
