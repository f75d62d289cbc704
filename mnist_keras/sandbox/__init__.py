"""Run notebooks that nobody trusts, shut off from this machine: for grading and the challenge.

`runner` gives each notebook a `process`, holds a `conversation` with it over the pipe of
`protocol`, and watches what it uses (`usage`, `limits`). How it is shut off lies in `engines`, one
module an engine; `calls` lists the system calls that it may make, and `view` what it sees of the
package. `child` is what runs inside, with a `kernel` like Jupyter's and `shortcuts` through
trainings; `stand_ins` are for what Colab has and this machine has not, and `unjudged` is for the
checks, whose answers are not inside.
Nothing here knows of exercises, grades or networks.
"""
