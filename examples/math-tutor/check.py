"""Whether tutor.py in this folder is the tutor that was wanted: it is played, as a pupil would.

Stands beside the experiment, not in the workspace: no agent can see it or change it.
"""
import re
import subprocess
import sys

PLAYER = """
import builtins, re, sys, runpy
sys.path.insert(0, "")
wrong, word = {wrong}, {word}
asked = []
def answer(prompt=""):
    print(prompt)
    a, sign, b = re.search(r"(\\d+) *([-+]) *(\\d+)", prompt).groups()
    right = int(a) + int(b) if sign == "+" else int(a) - int(b)
    asked.append(prompt)
    if len(asked) == 1 and word:
        return "seven"
    return str(right + 1 if wrong else right)
builtins.input = answer
sys.argv = ["tutor.py"] + {words}
runpy.run_path("tutor.py", run_name="__main__")
"""


def play(words=(), wrong=False, word=False):
    program = PLAYER.format(words=list(words), wrong=wrong, word=word)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode == 0, done.stdout


def sums(text, sign):
    return [(int(a), int(b)) for a, b in re.findall(rf"(\d+) *\{sign} *(\d+) *= *$", text, re.M)]


def faults():
    good, text = play()
    if not good or len(sums(text, "+")) != 5 or "5 of 5" not in text:
        yield "five sums, all answered right, do not end with 5 of 5"
    good, text = play(word=True)
    if not good or len(sums(text, "+")) != 6:
        yield "a word instead of a number is not asked again"
    good, text = play(wrong=True)
    if not good or not all(f"= {a + b}" in text for a, b in sums(text, "+")):
        yield "a wrong answer is not put right"
    good, text = play(["subtraction", "40"])
    asked = sums(text, "-")
    if not good or len(asked) != 40:
        yield "forty subtractions cannot be practised"
    elif any(a < b for a, b in asked):
        yield "an answer is negative"


found = list(faults())
print("\n".join(found))
sys.exit(1 if found else 0)
