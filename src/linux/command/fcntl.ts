/** fcntl(2): what the argument is. 12 to 14 are F_GETLK64, F_SETLK64 and F_SETLKW64 of i386. */
import type { TypesBy } from "../call/row.ts";

export const fcntlTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    "F_GETLK|F_SETLK|F_SETLKW": { arg: "struct:flock" },
    "F_OFD_GETLK|F_OFD_SETLK|F_OFD_SETLKW|12|13|14": { arg: "struct:flock64" },
    "F_SETOWN_EX|F_GETOWN_EX": { arg: "struct:f_owner_ex" },
    "F_GET_RW_HINT|F_SET_RW_HINT|F_GET_FILE_RW_HINT|F_SET_FILE_RW_HINT": { arg: "struct:u64" },
  },
};
