"""pyhf as the judge of the Belle II likelihood: the workspace rebuilt from our tables, and a map of the parameters."""

from __future__ import annotations

import numpy as np
import pyhf

from darkpenguin.experiments.histfactory import Data, HistFactory
from darkpenguin.experiments.histfactory_pyhf import to_pyhf
from darkpenguin.experiments.histfactory_tables import Tables


class Judge:
    """pyhf's model (default interpolation: code4, code4p), and its vectors for the points of a HistFactory of ours."""

    def __init__(self, tables: Tables, ours: HistFactory, pruned: tuple[str, ...] = ()) -> None:
        workspace = pyhf.Workspace(to_pyhf(tables, ours.channels)).prune(modifiers=list(pruned))
        self.ours, self.model = ours, workspace.model()
        self.data = np.asarray(workspace.data(self.model))
        config = self.model.config
        self.init = np.asarray(config.suggested_init())
        self.bounds = np.asarray(config.suggested_bounds())
        sets = {name: config.param_set(name) for name in config.par_order}
        gaussian = {name: hasattr(one, "sigmas") for name, one in sets.items()}
        self.width = np.concatenate([s.sigmas if gaussian[n] else np.ones(s.n_parameters) for n, s in sets.items()])
        names = dict(zip(tables.rows, tables.staterror, strict=True))
        self.alpha_place = np.array([config.par_slice(name).start for name in ours.alpha_names])
        self.gamma_place = np.array([config.par_slice(names[row]).start + row.bin for row in ours.rows])
        self.mu_place = config.poi_index
        # position of each parameter in the auxiliary data
        auxiliary = np.concatenate([np.arange(len(self.init))[config.par_slice(n)] for n in config.auxdata_order])
        self.auxiliary = np.empty(len(self.init), dtype=int)
        self.auxiliary[auxiliary] = np.arange(len(auxiliary))

    def vector(self, alpha: np.ndarray, gamma: np.ndarray, mu: float) -> np.ndarray:
        """pyhf's parameter vector of a point of ours."""
        out = self.init.copy()
        out[self.alpha_place], out[self.gamma_place], out[self.mu_place] = alpha, gamma, mu
        return out

    def point(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Our (alpha, gamma, mu) of a vector of pyhf."""
        return vector[self.alpha_place], vector[self.gamma_place], float(vector[self.mu_place])

    def full_data(self, data: Data) -> np.ndarray:
        """pyhf's data vector (counts in the order of its channels, then auxiliary data) of data of ours."""
        config, counts, out = self.model.config, np.asarray(data.counts), self.data.copy()
        keys = [row.channel for row in self.ours.rows]
        bins = np.asarray(self.ours.row_bin)
        start = 0
        for channel in config.channels:
            own = sorted({int(b) for b, key in zip(bins, keys, strict=True) if key == channel.split("__")[0]})
            out[start : start + len(own)] = counts[own]
            start += len(own)
        out[start + self.auxiliary[self.alpha_place]] = np.asarray(data.alpha)
        out[start + self.auxiliary[self.gamma_place]] = np.asarray(data.gamma)
        return out

    def log_density(self, vector: np.ndarray, data: np.ndarray | None = None) -> float:
        """pyhf's logpdf."""
        return float(self.model.logpdf(vector, self.data if data is None else data)[0])
