/** `log` becomes `log.1`, `log.1` becomes `log.2`, and so on; the one after the last is deleted. */
import { rename, rm } from "node:fs/promises";

export async function rotate(path: string, keep: number): Promise<void> {
  if (keep === 0) return rm(path, { force: true });
  await rm(`${path}.${keep}`, { force: true });
  for (let i = keep - 1; i >= 0; i--) {
    await renameIfThere(i === 0 ? path : `${path}.${i}`, `${path}.${i + 1}`);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
