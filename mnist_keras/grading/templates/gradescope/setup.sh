#!/usr/bin/env bash
# Runs once, when Gradescope builds the autograder: installs the course beside it.
set -euo pipefail

AUTOGRADER=${AUTOGRADER:-/autograder}
COURSE=${COURSE:-$AUTOGRADER/source/course}
TRY='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

find_python() {
  for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -c "$TRY" 2> /dev/null; then return 0; fi
  done
  return 1
}

# What shuts notebooks off, where this container allows it; it goes on without.
if ! command -v bwrap > /dev/null; then
  apt-get update
  apt-get install -y bubblewrap libseccomp2
fi

if ! find_python; then
  apt-get update
  for each in python3.12 python3.13 python3.11; do
    if apt-get install -y "$each" "$each-venv"; then break; fi
  done
  if ! find_python; then
    echo "The course needs Python 3.11, 3.12 or 3.13, and this image offers none." >&2
    exit 1
  fi
fi
"$python" -m venv "$AUTOGRADER/venv"
"$AUTOGRADER/venv/bin/python" -m pip install --quiet -r "$COURSE/requirements.txt"
"$AUTOGRADER/venv/bin/python" -m pip install --quiet --no-deps --editable "$COURSE"
# Notebooks run as a user who owns nothing: who may read Python and its packages, and no answer.
chmod a+rx "$AUTOGRADER"
chmod -R a+rX "$AUTOGRADER/venv"
chmod go= "$COURSE"
