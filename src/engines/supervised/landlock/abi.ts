/** The interface of Landlock: include/uapi/linux/landlock.h, and what came with which version of it. */

/** Rights to files and folders; those of folders hold for what is in them. */
export const FsRight = {
  EXECUTE: 1n << 0n,
  WRITE_FILE: 1n << 1n,
  READ_FILE: 1n << 2n,
  READ_DIR: 1n << 3n,
  REMOVE_DIR: 1n << 4n,
  REMOVE_FILE: 1n << 5n,
  MAKE_CHAR: 1n << 6n,
  MAKE_DIR: 1n << 7n,
  MAKE_REG: 1n << 8n,
  MAKE_SOCK: 1n << 9n,
  MAKE_FIFO: 1n << 10n,
  MAKE_BLOCK: 1n << 11n,
  MAKE_SYM: 1n << 12n,
  /** Linking and renaming into another folder. Denied by every rule set that does not grant it. */
  REFER: 1n << 13n,
  TRUNCATE: 1n << 14n,
} as const;

/** Rights to TCP ports. */
export const NetRight = { BIND_TCP: 1n << 0n, CONNECT_TCP: 1n << 1n } as const;

/** What reaches out of the command. */
export const LandlockScope = { ABSTRACT_UNIX_SOCKET: 1n << 0n } as const;

/** First version that has it. */
export const Since = { refer: 2, truncate: 3, tcp: 4, scopes: 6, logging: 7 } as const;

/** Rights that a rule for a file, not a folder, may grant. */
export const FILE_RIGHTS =
  FsRight.EXECUTE | FsRight.WRITE_FILE | FsRight.READ_FILE | FsRight.TRUNCATE;
