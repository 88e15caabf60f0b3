"""The reports of clusters worked out once more from what snapshots store: parts/*.parquet (raw and grid values, clusters) and
models/clustering.json. Transforms, nearest centres, causes, indices: all here, by their definitions, in plain Python."""

import collections
import fractions
import json
import math

import pyarrow.parquet

GRID_END = 1 << 22


def half_even(value):
    return round(value)  # Python rounds halves to even


def transformed(feature, raw):
    """Steps 1 to 3 of a numeric feature (docs/clustering.md), on the 2^-20 grid."""
    value = feature["missing_value"] if raw is None or math.isnan(raw) else raw
    if feature["winsor"]:
        value = min(max(value, feature["winsor"][0]), feature["winsor"][1])
    if feature["transform"] == "log1p":
        y = math.copysign(math.log1p(abs(value)), value)
    elif feature["transform"] == "none":
        y = value / feature["unit"]
    else:
        v, power = value / feature["unit"], feature["lambda"]
        if v >= 0:
            y = math.log1p(v) if power == 0 else ((1 + v) ** power - 1) / power
        else:
            y = -math.log1p(-v) if power == 2 else -((1 - v) ** (2 - power) - 1) / (2 - power)
    return half_even(y * (1 << 20)) / (1 << 20)


def scaled(feature, bits, raw):
    if feature["constant"]:
        return 0
    z = feature["weight"] * (transformed(feature, raw) - feature["mean"]) / feature["deviation"]
    return min(max(half_even(z * (1 << bits)), -GRID_END), GRID_END)


class Snapshot:
    """What a snapshot stores of its customers and clusters."""

    def __init__(self, state, number):
        folders = [path for path in state.glob(f"**/snapshots/{number}") if path.is_dir()]
        assert len(folders) == 1, folders
        self.rows = []
        for part in sorted(folders[0].glob("parts/*.parquet")):
            self.rows += pyarrow.parquet.read_table(part).to_pylist()
        [model] = folders[0].glob("models/clustering-*.json")
        self.model = json.loads(model.read_text())
        self.by_id = {row["customer_id"]: row for row in self.rows}
        space = self.model["space"]
        self.bits, self.numbers, self.categories = space["grid_bits"], space["features"], space["categories"]
        self.gamma = self.model["gamma"]
        # Ties go to the lexicographically first centre.
        self.centres = sorted((cluster["centre"]["q"], cluster["centre"]["modes"], cluster["id"])
                              for cluster in self.model["clusters"])

    def point(self, row, other=None):
        """A customer of any night on this snapshot's grid, and the words; by the transforms and scales of `other`, if given."""
        numbers = other.numbers if other else self.numbers
        grid = [scaled(feature, self.bits, row[f"raw_{feature['name']}"]) for feature in numbers]
        return grid, [self.code(feature, row[f"raw_{feature['name']}"]) for feature in self.categories]

    @staticmethod
    def code(feature, word):
        word = "(none)" if word is None else word
        return feature["words"].index(word if word in feature["words"] else "(other)")

    def nearest(self, point):
        """The cluster of the nearest centre; a customer without a purchase day has none."""
        grid, codes = point
        distances = [(sum((a - b) ** 2 for a, b in zip(grid, centre)) +
                      self.gamma * sum(a != b for a, b in zip(codes, modes)), place)
                     for place, (centre, modes, _) in enumerate(self.centres)]
        return self.centres[min(distances)[1]][2]

    def members(self, cluster):
        return [row for row in self.rows if row["cluster"] == cluster]

    def clustered(self):
        return [row for row in self.rows if row["cluster"] is not None]


# --- Figures ---------------------------------------------------------------------------------------------------------------


def micros(value):
    return int(value * 1_000_000)


def adjusted_rand(pairs):
    """Hubert and Arabie (1985), of pairs of labels, in whole numbers."""
    both, first, second = (collections.Counter(values) for values in (pairs, [a for a, _ in pairs], [b for _, b in pairs]))
    together, in_first, in_second = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, first, second))
    expected = fractions.Fraction(in_first * in_second, max(1, len(pairs) * (len(pairs) - 1) // 2))
    greatest = fractions.Fraction(in_first + in_second, 2)
    return 1.0 if greatest == expected else float((together - expected) / (greatest - expected))


def chi_squared_quantile(share, freedom):
    """By bisection of the incomplete gamma function's series (Abramowitz, Stegun 6.5.29)."""
    def below(x):
        term = total = 1 / (freedom / 2)
        for n in range(1, 500):
            term *= x / 2 / (freedom / 2 + n)
            total += term
        return total * math.exp(-x / 2 + freedom / 2 * math.log(x / 2) - math.lgamma(freedom / 2))
    low, high = 1e-9, 200.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return low


def bins_of(feature, values):
    """Customers by bin of the night of the fit; behind them those without a value."""
    counts = [0] * (len(feature["bin_cuts"]) + 2)
    for value in values:
        missing = value is None or math.isnan(value)
        counts[-1 if missing else sum(cut < value for cut in feature["bin_cuts"])] += 1
    return counts


def stability_index(then, now):
    n, m = sum(then), sum(now)
    used = [(a, b) for a, b in zip(then, now) if a + b > 0]
    index = sum(((b or 0.5) / m - (a or 0.5) / n) * math.log((b or 0.5) / m / ((a or 0.5) / n)) for a, b in used)
    null = (1 / n + 1 / m) * chi_squared_quantile(0.99, len(used) - 1) if len(used) > 1 else 0.0
    return index, null


# --- Reports: rows as dictionaries -----------------------------------------------------------------------------------------


def clusters(now):
    rows, net = [], sum(micros(row["net"]) for row in now.rows)
    names = {cluster["id"]: cluster["name"] for cluster in now.model["clusters"]}
    for cluster in sorted({row["cluster"] for row in now.rows}, key=lambda c: c or 0):
        own = now.members(cluster)
        line = {"cluster": cluster, "customers": len(own), "share": len(own) / len(now.rows),
                "sum_net": sum(micros(row["net"]) for row in own), "name": names.get(cluster), "medoid": None,
                "mean_distance": None, "radius": None, "silhouette": None}
        line["share_net"] = line["sum_net"] / net
        if cluster is not None:
            distances = [row["cluster_distance"] for row in own]
            line |= {"medoid": min(own, key=lambda row: (row["cluster_distance"], row["customer_id"]))["customer_id"],
                     "mean_distance": sum(distances) / len(own), "radius": max(distances),
                     "silhouette": sum(row["cluster_silhouette"] for row in own) / len(own)}
        rows.append(line)
    return rows


def cluster_features(now):
    rows, base = [], now.clustered()

    def mean(values):
        known = [value for value in values if value is not None and not math.isnan(value)]
        return sum(known) / len(known) if known else None

    for feature in now.numbers:
        raw, grid = f"raw_{feature['name']}", f"scaled_{feature['name']}"
        of_base = [row[grid] / (1 << now.bits) for row in base]
        middle = mean(of_base)
        deviation = math.sqrt(mean([(value - middle) ** 2 for value in of_base]))
        for cluster in sorted({row["cluster"] for row in base}):
            own = now.members(cluster)
            own_mean = mean([row[grid] / (1 << now.bits) for row in own])
            rows.append({"cluster": cluster, "feature": feature["name"], "word": None,
                         "customers": sum(row[raw] is not None and not math.isnan(row[raw]) for row in own),
                         "mean": mean([row[raw] for row in own]), "base_mean": mean([row[raw] for row in base]),
                         "mean_scaled": own_mean, "effect": (own_mean - middle) / deviation if deviation else 0.0,
                         "share": None, "base_share": None})
    for place, feature in enumerate(now.categories):
        counts = collections.Counter((row["cluster"], row[f"raw_{feature['name']}"]) for row in base)
        of_base = collections.Counter(row[f"raw_{feature['name']}"] for row in base)
        for cluster in now.model["clusters"]:
            size = len(now.members(cluster["id"]))
            for code, word in enumerate(feature["words"]):
                if of_base[word] == 0:
                    continue
                share, base_share = counts[cluster["id"], word] / size, of_base[word] / len(base)
                is_mode = cluster["centre"]["modes"][place] == code
                rows.append({"cluster": cluster["id"], "feature": feature["name"], "word": word,
                             "customers": counts[cluster["id"], word], "mean": None, "base_mean": None, "mean_scaled": None,
                             "effect": share - base_share if is_mode else None, "share": share, "base_share": base_share})
    return rows


def chosen(trials):
    """The smallest k whose gap is within one standard error of the largest; None where nothing was chosen."""
    tried = [row for row in trials if row["gap"] is not None]
    if not tried:
        return None
    best = max(tried, key=lambda row: (row["gap"], -row["k"]))
    return min(row["k"] for row in tried if row["gap"] >= best["gap"] - best["gap_error"])


def drift_features(then, now):
    rows = []
    for feature in then.numbers:
        values = [row[f"raw_{feature['name']}"] for row in now.rows if row["purchase_days"] > 0]
        before, after = [*feature["bin_counts"], feature["absent"]], bins_of(feature, values)
        index, null = stability_index(before, after)
        beyond = sum(abs(scaled(feature, then.bits, value)) == GRID_END for value in values)
        rows.append({"feature": feature["name"], "psi": index, "null_99": null, "flagged": index > null,
                     "missing_then": before[-1] / sum(before), "missing_now": after[-1] / sum(after),
                     "beyond_grid": beyond / len(values)})
    return rows


def cluster_drift(then, now):
    """Measures by (measure, cluster); the reason for a refit and the shift of centres are the model's own."""
    common = [(then.by_id[row["customer_id"]]["cluster"], row["cluster"]) for row in now.rows
              if row["customer_id"] in then.by_id]
    labelled = [pair for pair in common if None not in pair]
    found = {("adjusted_rand", None): adjusted_rand(labelled), ("common_customers", None): float(len(labelled))}
    before, after = ({cluster["id"] for cluster in night.model["clusters"]} for night in (then, now))
    for cluster in before & after:
        both = sum(pair == (cluster, cluster) for pair in common)
        found["overlap", cluster] = both / sum(cluster in pair for pair in common)
    found |= {("appeared", cluster): 1.0 for cluster in after - before}
    found |= {("vanished", cluster): 1.0 for cluster in before - after}
    return found


def move_of(then, now, row, then_as_of):
    """(from, to, cause, part) of a customer who is there now."""
    before = then.by_id.get(row["customer_id"], {}).get("cluster")
    after = row["cluster"]
    if before == after:
        return before, after, "stayed", None
    if before is None or after is None:
        return before, after, "entered" if before is None else "left", None
    by_last_model, ids = then.nearest(then.point(row)), {cluster["id"] for cluster in now.model["clusters"]}
    last_day = row["feature_last_row_day"]
    behaviour = "bought" if last_day is not None and last_day > then_as_of else "aged"
    if by_last_model == after:
        return before, after, behaviour, None
    last_ids = {cluster["id"] for cluster in then.model["clusters"]}
    if before not in ids or after not in last_ids:
        part = "k"
    else:
        part = "transform" if then.nearest(then.point(row, other=now)) == after else "centres"
    return before, after, part if by_last_model == before else f"both_{behaviour}", part


def cluster_moves(then, now, then_as_of):
    """Customers and their net by move."""
    found = collections.defaultdict(lambda: [0, 0])
    for row in now.rows:
        move = move_of(then, now, row, then_as_of)
        if (move[0], move[1]) != (None, None):
            found[move][0] += 1
            found[move][1] += micros(row["net"])
    for customer, row in then.by_id.items():
        if customer not in now.by_id and row["cluster"] is not None:
            found[row["cluster"], None, "left", None][0] += 1
            found[row["cluster"], None, "left", None][1] += micros(row["net"])
    return dict(found)
