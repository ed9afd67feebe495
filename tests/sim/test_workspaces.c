/* Agents that run code, really run in the sandbox: each in its own workspace, after consent where
 * its agent asks for it, in a scratch folder where it has none. */
#include "runtime/sandbox.h"
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

static bool here; /* whether there is a sandbox on this machine */

static void probed(void *arg, const struct moot_error *why)
{
    if (why != NULL)
        printf("skipped: %s\n", why->message);
    here = why == NULL;
    *(bool *)arg = true;
}

static void probe(void)
{
    struct moot_world *w = NULL;
    struct moot_error err = {0};
    bool over = false;
    if (moot__world_real(&w, &err) != MOOT_OK)
        return;
    if (moot__sandbox_probe(w, probed, &over, &err) != MOOT_OK)
        probed(&over, &err);
    while (!over)
        w->turn(w->self, -1);
    w->destroy(w->self);
}

/* What was asked, of whom, and what is answered. */
struct person {
    const char *decision;
    int asked;
};

static bool answers(void *arg, struct moot_host *h, struct play *p)
{
    struct person *a = arg;
    a->asked++;
    if (moot__host_answer(h, p->open_conv, p->open_from, p->open_n, a->decision, NULL, NULL,
                          &p->error) != MOOT_OK)
        fail_msg("answer: %s", p->error.message);
    return true;
}

static void play(struct play *p, struct person *person, const char *crew, const char *replies)
{
    play_init(p, crew, replies);
    p->real_world = true;
    p->person = answers;
    p->arg = person;
    play_run(p, false);
    assert_int_equal(p->state, MOOT_RUN_CLOSED);
}

static bool is_there(const struct play *p, const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", p->dir, name);
    return stat(path, &st) == 0;
}

#define CREW(agents)                                                                               \
    "crew: coders\nmodels: {default: scripted/replies.json}\nprocess: graph\nagents:\n" agents     \
    "tasks:\n"                                                                                     \
    "  first: {agent: one, prompt: Write it.}\n"                                                   \
    "  second: {agent: two, needs: [first], prompt: Write it as well.}\n"

#define CALL(agent, tool, args)                                                                    \
    "{\"agent\": \"" agent "\", \"step\": 1, \"calls\": [{\"name\": \"" tool                       \
    "\", \"arguments\": " args "}]},"                                                              \
    "{\"agent\": \"" agent "\", \"step\": 2, \"reply\": \"Done.\"}"

static void each_agent_works_in_its_own(void **state)
{
    (void)state;
    struct play p;
    struct person person = {0};
    if (!here)
        skip();
    play(&p, &person,
         CREW("  one: {tools: [shell, write_file], workspace: left}\n"
              "  two: {tools: [shell, write_file], workspace: right}\n"),
         "[" CALL("one", "shell", "{\"command\": \"echo one > made\"}") "," CALL(
             "two", "write_file", "{\"path\": \"made\", \"text\": \"two\"}") "]");
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(person.asked, 0);
    assert_true(is_there(&p, "left/made"));
    assert_true(is_there(&p, "right/made"));
    assert_true(play_count(&p, "exit 0") >= 1);
    play_release(&p);
}

/* The agent's `approval` is asked for its code, and not for what another agent runs. */
static void consent_is_the_agents(void **state)
{
    (void)state;
    static const char replies[] =
        "[" CALL("one", "python", "{\"code\": \"open('made', 'w')\"}") "," CALL(
            "two", "python", "{\"code\": \"open('made', 'w')\"}") "]";
    struct play p;
    struct person person = {.decision = "reject"};
    if (!here)
        skip();
    play(&p, &person,
         CREW("  one: {tools: [python], workspace: left, approval: always}\n"
              "  two: {tools: [python], workspace: right}\n"),
         replies);
    assert_int_equal(person.asked, 1);
    assert_false(is_there(&p, "left/made"));
    assert_true(is_there(&p, "right/made"));
    play_release(&p);
    /* a tool that always asks does so whatever the agent says */
    person = (struct person){.decision = "approve"};
    play(
        &p, &person,
        CREW(
            "  one: {tools: [python], workspace: left, approval: never}\n"
            "  two: {tools: [python], workspace: right}\n") "tools: {python: {approval: always}}\n",
        replies);
    assert_int_equal(person.asked, 2);
    assert_true(is_there(&p, "left/made"));
    play_release(&p);
}

static void without_one_it_leaves_nothing(void **state)
{
    (void)state;
    struct play p;
    struct person person = {0};
    if (!here)
        skip();
    char folder[] = "/tmp/moot-scratch-XXXXXX";
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    play(&p, &person, CREW("  one: {tools: [shell]}\n  two: {tools: [shell]}\n"),
         "[" CALL("one", "shell", "{\"command\": \"echo one > made; pwd\"}") "," CALL(
             "two", "shell", "{\"command\": \"ls; echo none of $(ls | wc -l)\"}") "]");
    assert_true(play_count(&p, "/1.one") >= 1);
    assert_true(play_count(&p, "none of 0") >= 1);
    play_release(&p);
    unsetenv("TMPDIR");
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_agent_works_in_its_own),
        cmocka_unit_test(consent_is_the_agents),
        cmocka_unit_test(without_one_it_leaves_nothing),
    };
    probe();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
