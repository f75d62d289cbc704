#!/bin/bash
# Search for a good network: bash tune.sh --max-trials 40
# Each trial is a step of the job: as many train at a time as there are tasks.
#SBATCH --job-name=tune
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=3:00:00
#SBATCH --signal=B:USR1@120 # a signal, two minutes before the time is up
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out

ACCOUNT=${SBATCH_ACCOUNT:-}   # whose share, such as def-yourprofessor
GPU=${SBATCH_GPUS_PER_NODE:-} # such as h100:1; empty: processor cores
MODULES=${MODULES-${CC_CLUSTER:+python/3.11 gcc opencv}} # empty: none
VENV=${VENV:-$HOME/mnist-keras-venv} # made by setup.sh
RESULTS=${RESULTS:-${SCRATCH:-$PWD}/mnist-keras-results}

SCRIPTS=${SCRIPTS:-${SLURM_SUBMIT_DIR:-$(dirname "$0")}}
# shellcheck source=common.sh
. "$SCRIPTS/common.sh" || { echo "Submit this script where it lies, beside common.sh" >&2; exit 2; }
[ -n "${SLURM_JOB_ID:-}" ] || SCRIPTS=$(realpath "$SCRIPTS") submit "$0" "$@"
go_on

run mnist-keras tune --out "$RESULTS/$SLURM_JOB_NAME" "$@"
