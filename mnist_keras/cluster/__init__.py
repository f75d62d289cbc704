"""Beyond one device: networks that train on several together, and jobs of a cluster.

- `devices`, `plan`: which devices train, and how they share a batch; `lockstep` is their loop.
- `meeting`: how processes of a job find each other, and agree on what to train.
- `scripts`: the job scripts of ``book/scale/slurm``, filled in for a cluster. A new cluster is a
  row of its `SITES`; a new kind of job is a script and a row of its `JOBS`.
- `scaling`, `scaling_figures`: what more devices would bring, computed and drawn for the lessons.
"""
