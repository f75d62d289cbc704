"""The one exception that stands for a mistake that its user can mend."""


class CourseError(Exception):
    """Something the user can mend; the message says what is wrong and how, in one line.

    Every command catches it and prints its message with exit status 2, so a user never
    sees a traceback for a mistake of their own.
    """
