/** `npm run generate:errors` writes docs/errors.md from the messages and what scripts/errors says of them. */
import { writeFileSync } from "node:fs";
import { errorsPage } from "./page.ts";

writeFileSync(new URL("../../docs/errors.md", import.meta.url), errorsPage());
