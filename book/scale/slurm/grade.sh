#!/bin/bash
# Grade a class, a share of the notebooks in each task: bash grade.sh path/to/class
# Handed in again, only what is new or has changed is run.
#SBATCH --job-name=grade
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=2G
#SBATCH --time=3:00:00
#SBATCH --signal=B:USR1@120 # a signal, two minutes before the time is up
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out

ACCOUNT=${SBATCH_ACCOUNT:-}   # whose share, such as def-yourprofessor
GPU=                          # notebooks are graded on processor cores
MODULES=${MODULES-${CC_CLUSTER:+python/3.11 gcc opencv}} # empty: none
VENV=${VENV:-$HOME/mnist-keras-venv} # made by setup.sh
RESULTS=${RESULTS:-${SCRATCH:-$PWD}/mnist-keras-results}

SCRIPTS=${SCRIPTS:-${SLURM_SUBMIT_DIR:-$(dirname "$0")}}
# shellcheck source=common.sh
. "$SCRIPTS/common.sh" || { echo "Submit this script where it lies, beside common.sh" >&2; exit 2; }
[ -n "${SLURM_JOB_ID:-}" ] || SCRIPTS=$(realpath "$SCRIPTS") submit "$0" "$@"
go_on

# What each task found is kept in one folder. A share that failed is run by the last command.
# shellcheck disable=SC2016 # each task says which share it takes
run srun --kill-on-bad-exit=0 --quit-on-interrupt bash -c \
  'exec mnist-keras grade "$@" --shard "$((SLURM_PROCID + 1))/$SLURM_NTASKS"' grade \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" --out "$RESULTS/$SLURM_JOB_NAME" "$@" || true
run mnist-keras grade --jobs "${SLURM_CPUS_PER_TASK:-1}" --out "$RESULTS/$SLURM_JOB_NAME" "$@"
