// npm run test:vm [-- KERNEL…]: the kernel tests in one guest after the other
require("../require-node.cjs");
void import("../rig/test.ts");
