# What the job scripts of this folder share: each of them reads this file and then calls `go_on`.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

MOST_RESTARTS=20 # a job that comes back more often makes no progress
NAME=${SLURM_JOB_NAME:-$(basename "$0")}

fail() { # MESSAGE: say in one line what is wrong and how to mend it
  echo "$NAME: $*" >&2
  exit 2
}

submit() { # SCRIPT ARGUMENT...: hand in a script with the account and the GPU that stand at its top
  command -v sbatch >/dev/null ||
    fail "there is no sbatch here: log in to a cluster with Slurm (ssh), and run this there"
  [ -n "$ACCOUNT$(cluster_without_accounts)" ] ||
    fail "which group's share should this use? Write it at the top of the script, such as" \
      "ACCOUNT=def-yourprofessor; to see yours: sshare -U"
  exec sbatch ${ACCOUNT:+--account="$ACCOUNT"} ${GPU:+--gpus-per-node="$GPU"} "$@"
}

cluster_without_accounts() { # the Alliance's clusters set CC_CLUSTER, and want an account
  [ -n "${CC_CLUSTER:-}" ] || echo yes
}

load_modules() {
  [ -n "$MODULES" ] || return 0
  type module >/dev/null 2>&1 ||
    fail "there are no modules here, but MODULES is '$MODULES': empty it at the top of the script"
  # shellcheck disable=SC2086 # several modules
  module load $MODULES >/dev/null 2>&1 ||
    fail "the module '$MODULES' cannot be loaded: find its name with 'module spider python'," \
      "and write it at the top of the script"
}

use_environment() {
  PATH="$VENV/bin:$PATH"
  command -v mnist-keras >/dev/null ||
    fail "there is no environment in $VENV: run 'bash setup.sh' on a login node first"
  mnist-keras --version >/dev/null 2>&1 ||
    fail "the environment in $VENV does not start: make it again with 'bash setup.sh'," \
      "with the modules that stand here: '$MODULES'"
}

check_gpu() {
  [ -n "$GPU" ] || return 0
  [ -n "${SLURM_GPUS_ON_NODE:-}${SLURM_JOB_GPUS:-}" ] ||
    fail "this job has no GPU, although GPU is '$GPU': submit it with 'bash'," \
      "or with 'sbatch --gpus-per-node=$GPU'"
  ! command -v nvidia-smi >/dev/null || nvidia-smi -L >/dev/null 2>&1 ||
    fail "no GPU answers on $(hostname): submit again with --exclude=$(hostname -s)," \
      "and tell your cluster's support"
}

check_results() { # whether something can be written there, before hours are spent
  local probe="$RESULTS/.room-${SLURM_JOB_ID:-$$}"
  { mkdir -p "$RESULTS" && head -c 1000000 /dev/zero >"$probe"; } 2>/dev/null || {
    rm -f "$probe" 2>/dev/null || true
    fail "nothing can be written to $RESULTS: make room there (to see your quota: quota, or" \
      "diskusage_report), or set RESULTS to another folder, such as one in \$SCRATCH"
  }
  rm -f "$probe"
}

go_on() { # before the work: all that has to be there
  [ "${SLURM_RESTART_COUNT:-0}" -le "$MOST_RESTARTS" ] ||
    fail "started $SLURM_RESTART_COUNT times and not done: ask for more time with --time"
  load_modules
  use_environment
  check_gpu
  check_results
  # Since Slurm 22.05, srun no longer takes this over from sbatch by itself.
  export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}
  export PYTHONUNBUFFERED=1
}

requeue() { # at the signal before the time limit: what is finished is on the disk already
  echo "$NAME: the time is nearly up; this job goes back into the queue, and goes on from there"
  if [ -n "$WORK" ]; then
    kill -INT -- "-$WORK" 2>/dev/null || true
    wait "$WORK" || true
  fi
  scontrol requeue "$SLURM_JOB_ID"
  sleep 60 # until Slurm ends this script
  exit 0
}

run() { # COMMAND...: run it beside this script, which can then hear the signal
  set -m # a process group of its own, which hears Ctrl-C
  "$@" &
  WORK=$!
  wait "$WORK"
}

WORK=
[ -z "${SLURM_JOB_ID:-}" ] || trap requeue USR1
