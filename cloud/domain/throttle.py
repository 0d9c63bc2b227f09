"""How long a guesser of passwords must wait.

After FREE wrong passwords in a row for one name from one address, the pair must wait: a minute, then twice as long each
time, an hour at most. A right password begins anew, and so does an hour and a day without a try.
"""

from datetime import timedelta

FREE = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=25)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many wrong passwords in a row."""
    if failures < FREE:
        return timedelta(0)
    # Far more doublings than the longest wait needs, and far fewer than a timedelta can count.
    doublings = min(failures - FREE, 10)
    return min(timedelta(seconds=FIRST_WAIT.total_seconds() * (1 << doublings)), LONGEST_WAIT)
