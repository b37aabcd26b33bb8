// node scripts/vm/run.ts --kernel debian-6.1 -- uname -r: one command in a guest
require("../require-node.cjs");
void import("../rig/run.ts");
