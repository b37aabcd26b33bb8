/** statmount(2): a rule looks at the request that it points to. */
import assert from "node:assert/strict";
import { mountDetails } from "../programs/mount-details.ts";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";

const ENOSYS = 38;

for (const by of mechanisms)
  testAsEach(`statmount is denied for what it asks for, by ${by}`, (place, t) => {
    if (place.plain([...mountDetails]).stdout.includes(`statmount ${ENOSYS}`))
      return t.skip("this kernel has no such call");
    const under = (condition: string): string =>
      place.under(
        `rule { syscall_name = statmount filter_expression { ${condition} }
          action { type = FAIL error_code = EUCLEAN } } ${logRule(by, "acct")}`,
        [...mountDetails],
      ).stdout;
    assert.equal(
      under("PARAMS[1].param == 1 && PARAMS[1].size == 24"),
      "listmount 0\nstatmount 117\n",
    );
    assert.equal(under("PARAMS[1].param == 2"), "listmount 0\nstatmount 0\n");
  });
