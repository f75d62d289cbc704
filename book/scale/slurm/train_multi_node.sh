#!/bin/bash
# Train one network on several nodes: bash train_multi_node.sh --network accurate
# A process on each node takes its share of every batch.
#SBATCH --job-name=train-multi-node
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
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

# If one process dies, the others should end too instead of waiting for it.
run srun --kill-on-bad-exit=1 --quit-on-interrupt \
  mnist-keras train --strategy multinode --resume --out "$RESULTS/$SLURM_JOB_NAME" "$@"
