"""What every report is made with: pages from templates, sheets for spreadsheets, harmless text.

Whatever a learner wrote, one line stays one line, and nothing in a report acts: not in a terminal,
not in a spreadsheet, not in a browser.

- `text`: texts and numbers as reports show them.
- `sheets`: CSV that a spreadsheet opens without running anything.
- `pages`, with ``templates/``: HTML pages, which share one style sheet.

What a report says is decided where the data are: `mnist_keras.grading.reports`,
`mnist_keras.challenge.leaderboard` and `mnist_keras.tuning.report`.
"""
