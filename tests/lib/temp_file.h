/* Files that a test needs for a moment. */
#ifndef MOOT_TESTS_TEMP_FILE_H
#define MOOT_TESTS_TEMP_FILE_H

#include <stddef.h>

/* Writes `text` into a new file below the system's temporary folder whose name ends in `suffix`.
 * Returns its path, which temp_file_remove frees; fails the test when it cannot. */
char *temp_file(const char *suffix, const char *text);
void temp_file_remove(char *path);

#endif
