"""The commands of ``mnist-keras``, a module each, read when their command is asked for.

Each has ``describe(parser)``, which adds the options, and ``run(options)``, which does the work and
returns the exit status. They are thin: they read options, call the package, and print. A new
command is a module here and a row in `mnist_keras.cli.COMMANDS`; what commands have in common is in
`shared`. Nothing else in the package imports from here.
"""
