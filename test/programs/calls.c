/*
 * Makes one system call the way a test asks for, without libc, so that nothing else is called in between.
 *
 *   calls native NR ARG...     64-bit entry (syscall), or int 0x80 when built with -m32
 *   calls int80 NR ARG...      int 0x80, also from a 64-bit process (the strings must lie below 4 GiB: they do, see -no-pie)
 *   calls loop COUNT NR ARG... the native call COUNT times
 *   calls time COUNT NR ARG... the same, and prints how many nanoseconds it took (64-bit only)
 *
 * ARG is a number (decimal, may be negative), @TEXT for the address of TEXT in a fixed buffer, %FILE for the address of
 * what is in FILE, on a page that was never touched, ~OFFSET,FILE for the same at an offset in the first of two such
 * pages, which are brought in one by one (mappings of their own), or :N,N,... for the address of an array of longs, in which
 * &N is the address of the array that argument N (from 0) gives.
 * Exit status: 0 when the (last) call gave >= 0, else the errno.
 */
static char text[6][8192];
static long array[6][16];

static long parse(const char *s) {
  long sign = 1, value = 0;
  if (*s == '-') {
    sign = -1;
    s++;
  }
  for (; *s && *s != ','; s++) value = value * 10 + (*s - '0');
  return sign * value;
}

static int same(const char *a, const char *b) {
  for (; *a && *a == *b; a++, b++) {
  }
  return *a == *b;
}

static long int80(long nr, const long *a) {
  long result;
#ifdef __x86_64__
  /* 64-bit code may use any register but must save what the compiler keeps in rbx and rbp */
  __asm__ volatile(
      "push %%rbx\n push %%rbp\n"
      "mov %2, %%rdi\n"
      "mov 0(%%rdi), %%ebx\n mov 8(%%rdi), %%ecx\n mov 16(%%rdi), %%edx\n"
      "mov 24(%%rdi), %%esi\n mov 40(%%rdi), %%ebp\n mov 32(%%rdi), %%edi\n"
      "int $0x80\n"
      "pop %%rbp\n pop %%rbx\n"
      : "=a"(result)
      : "a"(nr), "r"(a)
      : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
  return (int)result;
#else
  __asm__ volatile(
      "push %%ebx\n push %%ebp\n"
      "mov %2, %%edi\n"
      "mov 0(%%edi), %%ebx\n mov 4(%%edi), %%ecx\n mov 8(%%edi), %%edx\n"
      "mov 12(%%edi), %%esi\n mov 20(%%edi), %%ebp\n mov 16(%%edi), %%edi\n"
      "int $0x80\n"
      "pop %%ebp\n pop %%ebx\n"
      : "=a"(result)
      : "a"(nr), "r"(a)
      : "ecx", "edx", "esi", "edi", "memory");
  return result;
#endif
}

static long native(long nr, const long *a) {
#ifdef __x86_64__
  long result;
  register long r10 __asm__("r10") = a[3];
  register long r8 __asm__("r8") = a[4];
  register long r9 __asm__("r9") = a[5];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#else
  return int80(nr, a);
#endif
}

/* Two pages below 4 GiB, so that int 0x80 can name them too. */
static long untouched(const char *file) {
  enum { READ = 1, WRITE = 2, PRIVATE = 2, FIXED = 0x10, LOW = 0x40 };
#ifdef __x86_64__
  long fd = native(2, (long[6]){(long)file, 0, 0, 0, 0, 0});
  long at = native(9, (long[6]){0, 8192, READ, PRIVATE | LOW, fd, 0});
  native(9, (long[6]){at + 4096, 4096, READ | WRITE, PRIVATE | FIXED, fd, 4096});
#else
  long fd = native(5, (long[6]){(long)file, 0, 0, 0, 0, 0});
  long at = native(192, (long[6]){0, 8192, READ, PRIVATE | LOW, fd, 0});
  native(192, (long[6]){at + 4096, 4096, READ | WRITE, PRIVATE | FIXED, fd, 1});
#endif
  return at;
}

static void leave(long status) {
  long a[6] = {status, 0, 0, 0, 0, 0};
#ifdef __x86_64__
  native(231, a);
#else
  int80(252, a);
#endif
  __builtin_unreachable();
}

#ifdef __x86_64__
static long now(void) {
  long time[2];
  native(228, (long[6]){1, (long)time, 0, 0, 0, 0});
  return time[0] * 1000000000 + time[1];
}

static void print(long value) {
  char digits[24], *at = digits + sizeof digits;
  *--at = '\n';
  do *--at = '0' + value % 10;
  while ((value /= 10) > 0);
  native(1, (long[6]){1, (long)at, digits + sizeof digits - at, 0, 0, 0});
}
#endif

__attribute__((used)) void start(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1);
  long count = 1, at = 2, result = 0, a[6] = {0, 0, 0, 0, 0, 0};
  if (argc < 3) leave(125);
  int is_timed = same(argv[1], "time");
  if (is_timed || same(argv[1], "loop")) count = parse(argv[at++]);
  long nr = parse(argv[at++]);
  for (int i = 0; i < 6 && at < argc; i++, at++) {
    if (argv[at][0] == '@') {
      char *to = text[i];
      for (const char *from = argv[at] + 1; *from; from++) *to++ = *from;
      a[i] = (long)text[i];
    } else if (argv[at][0] == '%') {
      a[i] = untouched(argv[at] + 1);
    } else if (argv[at][0] == '~') {
      const char *file = argv[at];
      while (*file != ',') file++;
      a[i] = untouched(file + 1) + parse(argv[at] + 1);
    } else if (argv[at][0] == ':') {
      int n = 0;
      for (const char *from = argv[at]; *from; from++)
        if (*from == ':' || *from == ',')
          array[i][n++] = from[1] == '&' ? (long)array[parse(from + 2)] : parse(from + 1);
      a[i] = (long)array[i];
    } else {
      a[i] = parse(argv[at]);
    }
  }
  int by_int80 = same(argv[1], "int80");
#ifdef __x86_64__
  long start = is_timed ? now() : 0;
#endif
  for (; count > 0; count--) result = by_int80 ? int80(nr, a) : native(nr, a);
#ifdef __x86_64__
  if (is_timed) print(now() - start);
#endif
  leave(result >= 0 ? 0 : -result);
}

#ifdef __x86_64__
__asm__(".globl _start\n_start:\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
#else
__asm__(".globl _start\n_start:\n mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call start\n");
#endif
