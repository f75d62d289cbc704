"""Each rule and each error of turning a lesson into a notebook, on the smallest case."""
