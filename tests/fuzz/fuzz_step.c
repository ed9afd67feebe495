/* Hostile messages into every role (tests/lib/step_play.h says how they are written): no step
 * crashes, and the same messages lead to the same effects and digests. */
#include "tests/fuzz/fuzz.h"

#include "tests/lib/pure_crew.h"
#include "tests/lib/step_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct moot_crew_def *crew; /* made once: it is const to all that use it */
    if (crew == NULL)
        crew = pure_crew_make(step_play_crew);
    uint8_t live[MOOT_HASH_SIZE];
    uint8_t folded[MOOT_HASH_SIZE];
    int rc = step_play(crew, (const char *)data, size, live);
    FUZZ_CHECK(rc == step_play(crew, (const char *)data, size, folded));
    FUZZ_CHECK(memcmp(live, folded, sizeof(live)) == 0);
    return 0;
}
