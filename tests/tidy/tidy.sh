#!/bin/bash
# The rules of docs/STYLE.md that a program can check.
#   tidy.sh SOURCE [BUILD]     BUILD: a build folder; without it what the objects need is not checked
exec perl "$(dirname "$0")/tidy.pl" "${1:-.}" ${2:+"$2"}
