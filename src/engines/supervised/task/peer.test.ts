import assert from "node:assert/strict";
import { test } from "node:test";
import { peerInTable } from "./peer.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (remote: string, state: string, inode: number): string =>
  `   0: 0100007F:1F90 ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;

test("peerInTable() reads addresses of both families", () => {
  const text =
    HEAD +
    line("0100007F:C350", "01", 11) +
    line("00000000:0000", "0A", 12) +
    line("0201A8C0:0050", "02", 13) +
    line("0000000000000000FFFF00000100007F:01BB", "01", 14) +
    line("B80D0120000000000000000001000000:0016", "08", 15);
  const shown = (inode: string): unknown => {
    const peer = peerInTable(text, inode);
    return peer && [[...peer.address].join("."), peer.port];
  };
  assert.deepEqual(shown("11"), ["127.0.0.1", 50000]);
  assert.equal(shown("12"), null);
  assert.equal(shown("13"), null);
  assert.deepEqual(shown("14"), ["0.0.0.0.0.0.0.0.0.0.255.255.127.0.0.1", 443]);
  assert.deepEqual(shown("15"), ["32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", 22]);
  assert.equal(shown("1"), undefined);
  assert.equal(peerInTable(HEAD, "11"), undefined);
});
