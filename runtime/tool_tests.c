/* run_tests: the tests of what lies in the workspace, by what is installed here. */
#include "runtime/tool_code.h"

/* Whichever it is, the last line counts as pytest's does: "2 failed, 5 passed". */
static const char driver[] =
    "import importlib.util, os, sys, unittest\n"
    "if importlib.util.find_spec('pytest'):\n"
    "    os.execv(sys.executable, [sys.executable, '-m', 'pytest', '-q', '-p', "
    "'no:cacheprovider'])\n"
    "sys.path[0] = os.getcwd()\n"
    "suite = unittest.TestSuite()\n"
    "for folder in ('.', 'tests', 'test'):\n"
    "    if suite.countTestCases() == 0 and os.path.isdir(folder):\n"
    "        suite = unittest.TestLoader().discover(folder)\n"
    "r = unittest.TextTestRunner(stream=sys.stdout).run(suite)\n"
    "bad = len(r.failures) + len(r.errors) + len(r.unexpectedSuccesses)\n"
    "good = r.testsRun - bad - len(r.skipped)\n"
    "print(f'{bad} failed, {good} passed, {len(r.skipped)} skipped' if r.testsRun else\n"
    "      'no tests ran')\n"
    "sys.exit(1 if bad else 0 if r.testsRun else 5)\n";

/* The number before a word of the last line: 5 of "… 5 passed in 0.1s"; 0: it says nothing. */
static long counted(const char *line, size_t len, const char *word)
{
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)(len < 255 ? len : 255), line);
    const char *at = strstr(text, word);
    while (at != NULL && at > text && (at[-1] == ' ' || (at[-1] >= '0' && at[-1] <= '9')))
        at--;
    return at != NULL ? strtol(at, NULL, 10) : 0;
}

static const char *last_line(const char *text, size_t *len)
{
    size_t end = strlen(text);
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == ' '))
        end--;
    size_t begin = end;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    *len = end - begin;
    return text + begin;
}

static void tests_ended(struct moot_tool_call_run *run, const struct moot_spawn_result *r)
{
    char why[160], head[256];
    size_t len = 0;
    int code = moot__code_exit(run, r, why);
    const char *line = last_line(r->out, &len);
    long passed = counted(line, len, " passed");
    long failed = counted(line, len, " failed") + counted(line, len, " error");
    long skipped = counted(line, len, " skipped");
    if (why[0] != '\0' || (code != 0 && code != 1 && code != 5))
        snprintf(head, sizeof(head), "the tests did not come to their end: exit %d%s%s", code,
                 why[0] != '\0' ? ", " : "", why);
    else if (passed + failed + skipped == 0)
        snprintf(head, sizeof(head), "no tests were found (exit %d)", code);
    else if (skipped > 0)
        snprintf(head, sizeof(head), "%ld passed, %ld failed, %ld skipped", passed, failed,
                 skipped);
    else
        snprintf(head, sizeof(head), "%ld passed, %ld failed", passed, failed);
    run->shown = moot__copy(head, strlen(head));
    bool good = code == 0 && why[0] == '\0' && failed == 0 && passed > 0;
    moot__code_finish(run, r, good ? MOOT_OK : MOOT_EINVAL, head);
}

static int tests_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return moot__code_start(run, moot__code_language("python", 6), driver, NULL, tests_ended, err);
}

const struct moot_builtin_tool moot__tool_run_tests = {
    .name = "run_tests",
    .description =
        "Runs the tests of the project in the workspace (pytest if it is installed, else "
        "Python's unittest), in a sandbox without a network. The result begins with how "
        "many passed and failed.",
    .parameters = "{\"type\":\"object\",\"properties\":{},\"required\":[],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_IDEMPOTENT,
    .reads_private = true,
    .writes = true,
    .exec = true,
    .start = tests_start,
    .cancel = moot__program_cancel,
    .release = moot__code_release,
};
