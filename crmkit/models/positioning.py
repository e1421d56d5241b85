"""Positioning: from how far apart offers seem to a map on which one can look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist, squareform

Floats: TypeAlias = NDArray[np.float64]


def attribute_distances(ratings: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return how far apart rated offers are: d_ij = √ Σ_k w_k (x_ik − x_jk)².

    Parameters
    ----------
    ratings : a row for each of two or more offers, a column for each attribute, on comparable scales.
    weights : how much each attribute counts, 0 or more, one a column; all count 1 without it.

    Returns
    -------
    A symmetric table of distances with zeros on its diagonal, a row and a column for each offer.

    Raises
    ------
    ValueError : ratings that are no table of numbers, or weights that do not fit the columns.
    """
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or len(table) < 2 or not np.isfinite(table).all():
        raise ValueError("ratings must be a table of numbers with a row for each of two or more offers")
    counts = np.ones(table.shape[1]) if weights is None else np.asarray(weights, dtype=float)
    if counts.shape != (table.shape[1],) or not (counts >= 0).all():
        raise ValueError(f"give {table.shape[1]} weights of 0 or more, one for each attribute")
    return squareform(pdist(table * np.sqrt(counts)))


@dataclass(frozen=True)
class PerceptualMap:
    """Points whose distances come near those given. Turned or mirrored it is the same map.

    Parameters
    ----------
    coordinates : a row for each offer, a column for each dimension, centred on 0.
    eigenvalues : of the double-centred table, largest first. One for each dimension that the distances
        need; one below 0 says that no map, in however many dimensions, can hold them exactly.
    """

    coordinates: Floats
    eigenvalues: Floats

    @property
    def share(self) -> float:
        """Share of the positive eigenvalues that the map's dimensions hold, from 0 to 1."""
        positive = self.eigenvalues[self.eigenvalues > 0]
        return float(positive[: self.coordinates.shape[1]].sum() / positive.sum())

    @property
    def distances(self) -> Floats:
        """The distances on the map."""
        return squareform(pdist(self.coordinates))


def classical_scaling(distances: ArrayLike, dimensions: int = 2) -> PerceptualMap:
    """Return the map that classical (Torgerson) scaling makes of distances: B = −½ J D² J, J = I − 11ᵀ/n.

    The coordinates are the eigenvectors of B, each times the root of its eigenvalue; of a dimension whose
    eigenvalue is not positive they are 0. The sign of each column is chosen so that its largest entry is
    positive.

    Parameters
    ----------
    distances : a symmetric table of n ≥ 2 rows with zeros on its diagonal, not all 0.
    dimensions : of the map, from 1 to n.

    Returns
    -------
    The map.

    Raises
    ------
    ValueError : a table that is not one of distances, or a number of dimensions out of range.

    Source: torgerson1952.
    """
    table = _distances(distances)
    count = len(table)
    if not 1 <= dimensions <= count:
        raise ValueError(f"dimensions must be from 1 to {count}, the number of offers, got {dimensions}")
    centring = np.eye(count) - 1 / count
    scalar_products = -0.5 * centring @ table**2 @ centring
    eigenvalues, vectors = np.linalg.eigh((scalar_products + scalar_products.T) / 2)
    largest_first = np.argsort(eigenvalues)[::-1]
    values, axes = eigenvalues[largest_first], vectors[:, largest_first[:dimensions]]
    # What is 0 but for the rounding of the computer is no dimension.
    values = np.where(np.abs(values) < 1e-10 * values[0], 0.0, values)
    points = axes * np.sqrt(np.clip(values[:dimensions], 0, None))
    signs = np.sign(points[np.abs(points).argmax(axis=0), np.arange(dimensions)])
    return PerceptualMap(coordinates=points * np.where(signs == 0, 1, signs), eigenvalues=values)


def stress(distances: ArrayLike, coordinates: ArrayLike) -> float:
    """Return how far a map is from the distances: √[Σ (d_ij − d̂_ij)² / Σ d̂_ij²] over all pairs.

    This is Kruskal's stress with the given distances in place of a monotone function of them; d̂ are those
    on the map.

    Parameters
    ----------
    distances : a symmetric table with zeros on its diagonal.
    coordinates : a row for each offer; not all in one place.

    Returns
    -------
    0 for a map that holds the distances exactly.

    Raises
    ------
    ValueError : tables that do not fit, or a map whose points coincide.

    Source: kruskal1964.
    """
    given = squareform(_distances(distances), checks=False)
    points = np.asarray(coordinates, dtype=float)
    if points.ndim != 2 or len(points) * (len(points) - 1) // 2 != len(given):
        raise ValueError("coordinates need a row for each row of the distances")
    drawn = pdist(points)
    if not drawn.any():
        raise ValueError("all points of the map coincide, so it has no distances to compare with")
    return float(np.sqrt(((given - drawn) ** 2).sum() / (drawn**2).sum()))


def _distances(distances: ArrayLike) -> Floats:
    table = np.asarray(distances, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2:
        raise ValueError(f"distances must be a square table of two or more rows, got the shape {table.shape}")
    if not np.isfinite(table).all() or (table < 0).any() or not np.allclose(table, table.T):
        raise ValueError("distances must be numbers of 0 or more, the same from i to j as from j to i")
    if np.diagonal(table).any() or not table.any():
        raise ValueError("the distance of an offer from itself is 0, and at least two offers must differ")
    return table
