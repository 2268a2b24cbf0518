"""The number of texts that a share stands for; pure."""

from decimal import Decimal


def texts_of_share(share: float, count: int) -> int:
    """`share` of `count` texts; a half is rounded up.

    In decimals, as the share is written: the binary 0.29 x 50 is a little less than 14.5.
    """
    return int(Decimal(str(share)) * count + Decimal("0.5"))
