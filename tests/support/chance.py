"""Is what was drawn what the odds say?"""

import numpy as np


def likelihood_ratio(counts: np.ndarray, odds: np.ndarray) -> float:
    """Return G of the G-test (Sokal and Rohlf, Biometry): about 1 for each free count by chance.

    Beyond 10.8, 13.8 and 16.3 it is with 1, 2 and 3 free counts once in 1,000 by chance.
    """
    expected = odds / odds.sum() * counts.sum()
    seen = counts > 0
    return 2 * float((counts[seen] * np.log(counts[seen] / expected[seen])).sum())
