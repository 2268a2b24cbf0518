"""Projects vectors to two dimensions for a map; pure."""

import numpy as np

# t-SNE's perplexity by default; it must stay well below the number of points.
NEIGHBOURS = 30.0
FEWEST = 12
# Principal components that t-SNE gets: further ones are mostly noise, and cost time.
COMPONENTS = 50
PLAIN = "principal components"


def project(vectors: np.ndarray, *, seed: int) -> tuple[np.ndarray, str]:
    """(points, 2) places and the method: t-SNE (van der Maaten and Hinton 2008), or principal components for few points."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    points = len(vectors)
    reduced = _principal(vectors.astype(np.float64), max(2, COMPONENTS))
    if points < FEWEST or not reduced.any():
        return reduced[:, :2], PLAIN
    perplexity = min(NEIGHBOURS, (points - 1) / 3)
    # Initialised with the first components, so that distant groups keep some of their order (Kobak and Berens 2019).
    fitted = TSNE(2, perplexity=perplexity, init="pca", learning_rate="auto", random_state=seed)
    # On a busy machine, threads would wait for each other in each of a thousand steps.
    with threadpool_limits(1):
        return np.asarray(fitted.fit_transform(reduced)), "t-SNE"


def _principal(vectors: np.ndarray, most: int) -> np.ndarray:
    """(points, components), at least two components; zeros if the vectors have fewer."""
    if not len(vectors):
        return np.zeros((0, 2))
    centred = vectors - vectors.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    # Signs are arbitrary: making the largest weight positive gives the same result on every machine.
    signs = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    kept = np.where(sizes > 1e-9, left * sizes * signs, 0.0)[:, :most]
    return np.pad(kept, ((0, 0), (0, max(0, 2 - kept.shape[1]))))
