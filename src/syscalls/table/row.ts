/** One call of one ABI as the generated tables hold it. */
export type Row = readonly [
  nr: number,
  name: string,
  /** Kernel function without the ABI's prefix, `sys_openat` or `compat_sys_openat`; empty: answers ENOSYS. */
  entry: string,
  /** Parameters as in C, `int dfd, const char * filename`. */
  params: string,
];
