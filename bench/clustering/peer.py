#!/usr/bin/env python3
"""One fit of one peer, in a process of its own: peer.py PEER ROWS.npy CENTRES.npy ITERATIONS THREADS. Prints one JSON object.

A small fit goes first, so that loading libraries and starting threads is not in the seconds."""

import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = sys.argv[5]

import numpy  # noqa: E402

WARM_ROWS = 20_000
CHUNK_ROWS = 50_000


def faiss_fit(rows, centres, iterations):
    import faiss
    faiss.omp_set_num_threads(int(sys.argv[5]))
    fit = faiss.Kmeans(rows.shape[1], len(centres), niter=iterations, seed=1, max_points_per_centroid=len(rows))
    fit.train(rows, init_centroids=centres)
    return fit.centroids, iterations


def sklearn_fit(kmeans):
    def fit(rows, centres, iterations):
        made = kmeans(n_clusters=len(centres), init=centres, n_init=1, max_iter=iterations, tol=0.0, algorithm="lloyd").fit(rows)
        return made.cluster_centers_, int(made.n_iter_)
    return fit


def fit_of(peer):
    if peer == "faiss":
        return faiss_fit
    if peer == "sklearnex":
        from sklearnex.cluster import KMeans
    else:
        from sklearn.cluster import KMeans
    return sklearn_fit(KMeans)


def inertia(rows, centres):
    """In double precision, the same for every peer."""
    centres = numpy.asarray(centres, dtype=numpy.float64)
    total = 0.0
    for begin in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[begin:begin + CHUNK_ROWS].astype(numpy.float64)
        distances = (chunk ** 2).sum(1)[:, None] - 2 * chunk @ centres.T + (centres ** 2).sum(1)[None, :]
        total += float(distances.min(1).sum())
    return total


def main():
    peer, rows_file, centres_file, iterations = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    rows, centres = numpy.load(rows_file), numpy.load(centres_file)
    fit = fit_of(peer)
    fit(numpy.ascontiguousarray(rows[:WARM_ROWS]), centres, 2)
    begin = time.perf_counter()
    found, done = fit(rows, centres, iterations)
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "iterations": done, "inertia": inertia(rows, found)}))


if __name__ == "__main__":
    main()
