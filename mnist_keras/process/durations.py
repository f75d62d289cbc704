"""How long something takes, in words; without a need for Keras."""


def duration(seconds: float) -> str:
    """Write a duration as people read it: ``0:42`` or ``1:05:00``."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
