#!/usr/bin/env python3
"""Clusters of both example bases beside scikit-learn's, on the very values that Strata clustered on and exported: inertia by
one routine, and the silhouette by scikit-learn's O(n^2) definition."""

import pathlib
import re
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import numpy  # noqa: E402
import programs  # noqa: E402
import pyarrow.parquet  # noqa: E402
import sklearn.cluster  # noqa: E402
import sklearn.metrics  # noqa: E402

EXAMPLES = ("cdnow", "online-retail")
KS = range(3, 13)
STATES = range(5)
STARTS = 10          # of scikit-learn, of which it keeps the best
CLOSE, FAR = 1.005, 1.01
CLOSE_CASES = 18     # of the 20


def inertia(points, labels):
    """Sum of squared distances to the mean of the own cluster."""
    total = 0.0
    for label in numpy.unique(labels):
        own = points[labels == label]
        total += float(((own - own.mean(axis=0)) ** 2).sum())
    return total


class PeersTest(programs.Case):
    def cluster(self, example, k):
        """Clusters an example into k; the points, their labels and the model."""
        folder = programs.ROOT / "examples" / example
        text = (folder / "job.yaml").read_text()
        text = text.replace("uri: data/", f"uri: {folder}/data/")
        text = re.sub(r"models:\n(  .*\n)+", f"models:\n  clustering: {{k: {k}}}\n", text)
        state = self.folder / example
        run = self.run_job(text, "--follows", "none", state=example)
        self.assertTrue(run["published"], run)
        exported = self.folder / f"{example}-{k}.parquet"
        self.strata("export", "--what", "features", "--out", exported, "--state", state)
        table = pyarrow.parquet.read_table(exported)
        columns = [name for name in table.column_names if name.startswith("scaled_")]
        self.assertEqual(len(columns), 5)
        points = numpy.column_stack([table[name].to_numpy() for name in columns])
        model = self.json("models", "--state", state)["clustering"]
        return points, table["cluster"].to_numpy(), model

    def test_of_both_examples(self):
        ratios = {}
        for example in EXAMPLES:
            for k in KS:
                points, labels, model = self.cluster(example, k)
                self.assertEqual((model["k"], len(numpy.unique(labels))), (k, k))
                own = inertia(points, labels)
                # Strata's centres are means rounded to the grid, which costs less than the grid's step squared a value.
                self.assertAlmostEqual(model["inertia"] / own, 1, delta=1e-6)
                peers = [inertia(points, sklearn.cluster.KMeans(k, n_init=STARTS, random_state=state).fit_predict(points))
                         for state in STATES]
                ratios[example, k] = own / statistics.median(peers)
                silhouette = sklearn.metrics.silhouette_score(points, labels, metric="sqeuclidean")
                print(f"{example} k={k}: inertia {own:.3f}, {ratios[example, k]:.5f} of scikit-learn's; silhouette "
                      f"{model['silhouette']:.10f}, {model['silhouette'] / silhouette - 1:+.1e} beside scikit-learn", flush=True)
                self.assertLessEqual(abs(model["silhouette"] / silhouette - 1), 1e-9)
        self.assertEqual(len(ratios), 20)
        self.assertLessEqual(max(ratios.values()), FAR)
        close = sum(ratio <= CLOSE for ratio in ratios.values())
        self.assertGreaterEqual(close, CLOSE_CASES, ratios)


if __name__ == "__main__":
    programs.main()
