/** Results of probes for users who may not make them. */
import { FEATURES } from "../bpf/index.ts";

export const NOT_TRIED = "what the kernel can do was not tried: that needs root";

/** Whether what the kernel refuses says something of the kernel, and not only of the user's privileges. */
export function canTryKernel(): boolean {
  if (process.geteuid?.() === 0) return true;
  // capabilities without the user id do as well
  const least = FEATURES.find(({ name }) => name === "raw tracepoint programs");
  return least?.probe().outcome === "supported";
}
