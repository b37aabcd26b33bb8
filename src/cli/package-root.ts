/** Files of the package; it is as far up from src/cli as it is from dist/cli. */
import { fileURLToPath } from "node:url";

/** `name`: below the package's own folder. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
