/* The program: what belongs to the process, and nothing else. */
#include "cli/cmd.h"
#include "runtime/world.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Written by the handlers; read through struct moot_cli. */
static struct moot_signals signals;

static void wake_world(void)
{
    struct moot_world *world = signals.world;
    if (world != NULL)
        world->wake(world->self);
}

/* A command that does not hold the signals is simply ended; one that does is asked once and ended
 * by the second. */
static void on_stop(int number)
{
    if (!signals.held || signals.stop != 0) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    signals.stop = number;
    wake_world();
}

static void on_resize(int number)
{
    (void)number;
    signals.resized = 1;
    wake_world();
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL); /* no SA_RESTART: a prompt that is read must return */
}

/* A program started with a standard descriptor closed must not get a journal in its place. */
static void open_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            _exit(MOOT_EXIT_IO);
}

/* Keys are in this process's memory: no core file, no reading by its owner's other programs. The
 * sanitizer that looks for leaks is one of those. */
static void close_memory(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    close_memory();
    setlocale(LC_CTYPE, "");
    handle(SIGPIPE, SIG_IGN);
    handle(SIGINT, on_stop);
    handle(SIGTERM, on_stop);
    handle(SIGHUP, on_stop);
    handle(SIGWINCH, on_resize);

    struct moot_cli cli;
    memset(&cli, 0, sizeof(cli));
    cli.out = stdout;
    cli.err = stderr;
    cli.signals = &signals;
    moot__term_look(STDOUT_FILENO, &cli.out_term);
    moot__term_look(STDERR_FILENO, &cli.err_term);
    return moot__cli_main(&cli, argc, argv);
}
