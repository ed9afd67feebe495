/* The smallest program that runs a crew: it prints who says what and exits.
 *
 *   cc embed.c $(pkg-config --cflags --libs moot) -o embed
 *   ./embed ../hello/hello.yaml run.db '[{"name": "1", "question": "Why do socks vanish?"}]' */
#include <moot/crew.h>
#include <stdio.h>

static void message(void *arg, const struct moot_message *m)
{
    (void)arg;
    printf("%-12s %-12s %s\n", moot_kind_text(moot_message_kind(m)), moot_message_from(m),
           moot_message_conv(m));
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: embed CREW JOURNAL ITEMS\n");
        return 2;
    }
    char why[1024];
    struct moot_crew *crew = NULL;
    struct moot_running *run = NULL;
    struct moot_run_options options = {
        .size = sizeof(options), .journal = argv[2], .items = argv[3], .message = message};
    int status = moot_crew_load(argv[1], NULL, &crew, why, sizeof(why));
    if (status == 0)
        status = moot_run_begin(crew, &options, &run, why, sizeof(why));
    while (status == 0 && moot_run_state(run) == MOOT_RUN_GOING)
        status = moot_run_turn(run, 1000, why, sizeof(why));
    if (status != 0)
        fprintf(stderr, "error: %s\n", why);
    moot_run_end(run);
    moot_crew_unload(crew);
    return status == 0 ? 0 : 1;
}
