#!/bin/bash
# Train one network with several seeds, each in a job of its own: bash seeds.sh --network fast
# Other seeds: sbatch --array=5-9 seeds.sh; two at a time: sbatch --array=0-4%2 seeds.sh
#SBATCH --job-name=seeds
#SBATCH --array=0-4
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=1:00:00
#SBATCH --signal=B:USR1@120 # a signal, two minutes before the time is up
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%A-%a.out

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

seed=$SLURM_ARRAY_TASK_ID
run mnist-keras train --resume --out "$RESULTS/$SLURM_JOB_NAME-$seed" "$@" --seed "$seed"
