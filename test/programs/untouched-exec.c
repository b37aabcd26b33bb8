/* Starts the program in argv[1] with arguments and variables that lie in pages that nothing has touched. */
#include <unistd.h>

#define PAGE __attribute__((aligned(4096)))

static const char PAGE name[4096] = "late";
static const char PAGE option[4096] = "--privileged";
static const char PAGE variable[4096] = "LD_PRELOAD_LATE=/evil.so";

int main(int argc, char **argv)
{
	char *arguments[] = { (char *)name, (char *)option, 0 };
	char *variables[] = { (char *)variable, 0 };

	if (argc > 1)
		execve(argv[1], arguments, variables);
	return 1;
}
