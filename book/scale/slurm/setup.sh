#!/bin/bash
# Make the Python environment that the jobs use, once, on a login node: bash setup.sh
# It installs from the cluster's own wheels, from those in the folder WHEELS, or from the internet.
ACCOUNT=
GPU=
MODULES=${MODULES-${CC_CLUSTER:+python/3.11 gcc opencv}} # empty: none
VENV=${VENV:-$HOME/mnist-keras-venv}
WHEELS=${WHEELS:-} # a folder of wheels, for a cluster without internet
EXTRAS=${EXTRAS:-search} # search,grade where notebooks are graded too
SCRIPTS=${SCRIPTS:-${SLURM_SUBMIT_DIR:-$(dirname "$0")}}
# shellcheck source=common.sh
. "$SCRIPTS/common.sh" || { echo "Run this script where it lies, beside common.sh" >&2; exit 2; }
COURSE=${COURSE:-$(realpath "$SCRIPTS/../../..")} # the clone of the course's repository

[ -f "$COURSE/pyproject.toml" ] ||
  fail "the course is not in $COURSE: clone its repository, and run setup.sh in book/scale/slurm"
load_modules
python=$(command -v python3) || fail "there is no python3: set MODULES, such as MODULES=python/3.11"
"$python" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' ||
  fail "$("$python" --version) is too old: set MODULES to Python 3.11 or newer"

if [ -n "$WHEELS" ]; then
  [ -d "$WHEELS" ] || fail "there is no folder $WHEELS: WHEELS names the folder of your wheels"
  from=(--no-index --find-links "$WHEELS")
elif [ -n "${CC_CLUSTER:-}" ]; then
  from=(--no-index) # pip knows the Alliance's wheelhouse
else
  from=()
  probe=$(mktemp -d) # pip itself knows where it looks for packages
  "$python" -m pip download --quiet --no-deps --retries 0 --timeout 20 --dest "$probe" wheel >/dev/null 2>&1 || {
    rm -r "$probe"
    fail "this node has no internet: run setup.sh on a login node, or set WHEELS to a folder of wheels"
  }
  rm -r "$probe"
fi

[ ! -e "$VENV" ] ||
  fail "$VENV is there already: remove it first, or set VENV to another folder"
{ mkdir -p "$(dirname "$VENV")" && "$python" -m venv "$VENV" >/dev/null; } 2>/dev/null || {
  rm -rf "$VENV"
  fail "no environment can be made in $VENV: make room, or set VENV to another folder"
}
log=$(mktemp)
echo "Installing into $VENV: some minutes"
"$VENV/bin/python" -m pip install --disable-pip-version-check "${from[@]}" \
  --editable "${COURSE}[${EXTRAS}]" >"$log" 2>&1 || {
  rm -rf "$VENV" # or the next try would find half of it
  fail "pip could not install the course, see $log: $(grep -i -m1 '^ *error' "$log" || tail -n1 "$log")"
}
rm "$log"
"$VENV/bin/mnist-keras" --version
echo "Next: bash train.sh --quick"
