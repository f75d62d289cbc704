#!/bin/bash
# Train one network. Hand it in: bash train.sh --network fast --seed 0
# The job's name is the name of the run's folder. Handed in again, the job goes on where it was.
#SBATCH --job-name=train
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=1:00:00
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

run mnist-keras train --resume --out "$RESULTS/$SLURM_JOB_NAME" "$@"
