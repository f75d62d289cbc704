#!/usr/bin/env bash
# Runs once, when Gradescope builds the autograder: installs the course beside it.
set -euo pipefail

AUTOGRADER=${AUTOGRADER:-/autograder}
COURSE=${COURSE:-$AUTOGRADER/source/course}

python=
for each in python3.12 python3.13 python3.11; do
  if command -v "$each" > /dev/null; then python=$each; break; fi
done
if [ -z "$python" ]; then
  apt-get update
  for each in python3.12 python3.13 python3.11; do
    if apt-get install -y "$each" "$each-venv"; then python=$each; break; fi
  done
fi
if [ -z "$python" ]; then
  echo "The course needs Python 3.11, 3.12 or 3.13, and this image offers none." >&2
  exit 1
fi
"$python" -m venv "$AUTOGRADER/venv" || {
  apt-get update
  apt-get install -y "$python-venv"
  "$python" -m venv --clear "$AUTOGRADER/venv"
}
"$AUTOGRADER/venv/bin/python" -m pip install --quiet -r "$COURSE/requirements.txt"
"$AUTOGRADER/venv/bin/python" -m pip install --quiet --no-deps --editable "$COURSE"
# Notebooks run as a user who owns nothing, and who must be able to read the package.
chmod a+rx "$AUTOGRADER"
chmod -R a+rX "$AUTOGRADER/venv" "$COURSE"
