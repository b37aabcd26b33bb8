/** Why a file cannot be read or written, in words. */
export function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "it is not UTF-8 text";
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ELOOP":
      return "too many symbolic links";
    case "not_regular":
    case "too_large":
      return (error as Error).message;
    default:
      if (code === undefined) throw error;
      return code;
  }
}
