"""The challenge: small networks that compete, handed in as data and measured in a sandbox.

`rules` says what an entry may be, `entry` writes one, `rebuild` makes its networks again (in the
sandbox only), `measure` finds and measures entries, and `leaderboard` ranks and shows them. A new
league or layer is a row of `rules`.
"""
