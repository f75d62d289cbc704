"""Networks that run in a browser: the playground's model files, and its page in a notebook.

`layers` takes a Keras model apart into few plain operations, `model_file` writes them with their
weights, `recording` collects snapshots while a network learns, and `display` puts all into a page.
The page itself, and the JavaScript in it, come from ``book/_static/playground``. A new layer
is a function of `layers`, and its counterpart in ``network.js``.
"""
