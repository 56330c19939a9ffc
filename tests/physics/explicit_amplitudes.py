"""B -> K(*) + pair from explicit spinors, polarisations and full Lorentz tensors: the judge of every H_c and rho_c.

Pairs of spin 0, 1/2 (also of two masses), 1 and 3/2, each operator written as in the Lagrangian.

Nothing here is shared with the library. Numbers are summed over spins and averaged over the directions of the pair in
its rest frame, so that dGamma/dq2 = sqrt(lambda) / (32 pi^2 M^3) * beta / (8 pi) * <sum |M|^2>.
Metric (+,-,-,-), gamma5 = i g0 g1 g2 g3. Form factors of B -> K* as in arXiv:0811.1214, whose phases
are consistent with the equations of motion of the quarks (tested in test_spectral.py).
"""

from __future__ import annotations

import functools
import itertools

import numpy as np

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
GAMMA = np.zeros((4, 4, 4), dtype=complex)
GAMMA[0, :2, :2], GAMMA[0, 2:, 2:] = np.eye(2), -np.eye(2)
for _i in range(3):
    GAMMA[_i + 1, :2, 2:], GAMMA[_i + 1, 2:, :2] = PAULI[_i], -PAULI[_i]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
SIGMA = np.array([[0.5j * (GAMMA[m] @ GAMMA[n] - GAMMA[n] @ GAMMA[m]) for n in range(4)] for m in range(4)])

EPSILON = np.zeros((4, 4, 4, 4))
for _p in itertools.permutations(range(4)):
    EPSILON[_p] = -np.linalg.det(np.eye(4)[list(_p)])  # eps^{0123} = -1


def lower(v):
    return np.tensordot(METRIC, v, axes=(1, 0))


def slash(p):
    return np.einsum("m,mij->ij", lower(p), GAMMA)


def spinors(p, mass):
    """u and v spinors [2, 4] of four-momentum p, normalised to ubar u = 2m, summed over any spin basis."""
    energy = p[0]
    u, v = [], []
    for s in np.eye(2, dtype=complex):
        sp = np.einsum("i,iab->ab", p[1:], PAULI) @ s
        u.append(np.concatenate([np.sqrt(energy + mass) * s, sp / np.sqrt(energy + mass)]))
        v.append(np.concatenate([sp / np.sqrt(energy + mass), np.sqrt(energy + mass) * s]))
    return np.array(u), np.array(v)


def directions(n=6):
    """Unit vectors and weights (sum 1): exact for the products of two tensors of rank 2 that occur here."""
    x, w = np.polynomial.legendre.leggauss(n)
    phi = 2 * np.pi * np.arange(2 * n) / (2 * n)
    for c, weight in zip(x, w, strict=True):
        for f in phi:
            s = np.sqrt(1 - c * c)
            yield np.array([s * np.cos(f), s * np.sin(f), c]), 0.5 * weight / (2 * n)


def momenta(q2, m_1, m_2):
    """(weight, p_1, p_2) in the rest frame of the pair."""
    r = np.sqrt(q2)
    energy = (q2 + m_1**2 - m_2**2) / (2 * r)
    momentum = np.sqrt(energy**2 - m_1**2)
    for n, weight in directions():
        yield weight, np.array([energy, *(momentum * n)]), np.array([r - energy, *(-momentum * n)])


def fermion_bilinears(q2, mass, gamma, mass_2=None):
    """[(weight, <chi chibar| chibar Gamma chi |0> for all spins [2, 2, ...])] for a Dirac structure [..., 4, 4]."""
    mass_2 = mass if mass_2 is None else mass_2
    for weight, p_1, p_2 in momenta(q2, mass, mass_2):
        u, v = spinors(p_1, mass)[0], spinors(p_2, mass_2)[1]
        yield weight, np.einsum("si,ij,...jk,tk->st...", u.conj(), GAMMA[0], gamma, v)


# states of spin 1 at rest with J_z = 1, 0, -1, and Clebsch-Gordan coefficients <1 a; 1/2 s| 3/2 lambda>
CIRCULAR = np.array([[-1, -1j, 0], [0, 0, np.sqrt(2)], [1, -1j, 0]]) / np.sqrt(2)
CLEBSCH = np.zeros((4, 3, 2))
CLEBSCH[0, 0, 0] = CLEBSCH[3, 2, 1] = 1.0
CLEBSCH[1, 0, 1] = CLEBSCH[2, 2, 0] = np.sqrt(1 / 3)
CLEBSCH[1, 1, 0] = CLEBSCH[2, 1, 1] = np.sqrt(2 / 3)


def polarisation_vectors(p, mass):
    """e^mu [3, 4] of a vector of momentum p: the boosted vectors of the rest frame."""
    space = p[1:]
    time = CIRCULAR @ space / mass
    return np.column_stack([time, CIRCULAR + np.outer(time, space) / (p[0] + mass)])


def vector_spinors(p, mass):
    """U^rho and V^rho [4, 4, 4] (helicity label, rho, Dirac index) of a spin-3/2 particle and its antiparticle."""
    e, u = polarisation_vectors(p, mass), spinors(p, mass)[0]
    v = np.einsum("ij,sj->si", 1j * GAMMA[2] @ GAMMA[0], u.conj() @ GAMMA[0])  # C ubar^T
    return np.einsum("las,ar,si->lri", CLEBSCH, e, u), np.einsum("las,ar,si->lri", CLEBSCH, e.conj(), v)


def spin_three_half_bilinears(q2, mass, gamma):
    """The same as `fermion_bilinears` for Psibar_rho Gamma Psi^rho."""
    for weight, p_1, p_2 in momenta(q2, mass, mass):
        u, v = vector_spinors(p_1, mass)[0], vector_spinors(p_2, mass)[1]
        yield weight, np.einsum("sri,ij,...jk,rq,tqk->st...", u.conj(), GAMMA[0], gamma, METRIC, v)


DARK = {
    "1": (np.eye(4), "density"),
    "i5": (1j * GAMMA5, "density"),
    "V": (GAMMA, "current"),
    "A": (GAMMA @ GAMMA5, "current"),
    "T": (SIGMA, "tensor"),
    "T5": (SIGMA @ GAMMA5, "tensor"),
}

# operator name -> (quark current, invisible bilinear)
FERMION_OPERATORS = {
    "S1": ("S", "1"),
    "S2": ("S", "i5"),
    "P1": ("P", "1"),
    "P2": ("P", "i5"),
    "V1": ("V", "V"),
    "V2": ("V", "A"),
    "A1": ("A", "V"),
    "A2": ("A", "A"),
    "T1": ("T", "T"),
    "T2": ("T", "T5"),
}


def kinematics(M, m, q2):
    """p_B and p_K in the rest frame of q = p_B - p_K, along z."""
    r = np.sqrt(q2)
    momentum = np.sqrt((M**2 - (m + r) ** 2) * (M**2 - (m - r) ** 2)) / (2 * r)
    k = np.array([np.sqrt(m**2 + momentum**2), 0, 0, momentum])
    return k + np.array([r, 0, 0, 0]), k


def hadron_pseudoscalar(M, m, mb, ms, q2, f_plus, f_0, f_T):
    """Matrix elements of sbar Gamma b for B -> K: {current: array [1, ...]}, upper indices."""
    p, k = kinematics(M, m, q2)
    P, q = p + k, p - k
    V = f_plus * (P - (M**2 - m**2) / q2 * q) + f_0 * (M**2 - m**2) / q2 * q
    T = 1j * f_T / (M + m) * (np.outer(P, q) - np.outer(q, P))
    return {"S": np.array([(M**2 - m**2) / (mb - ms) * f_0]), "V": V[None], "T": T[None]}


def hadron_vector(M, m, mb, ms, q2, V, A0, A1, A12, T1, T2, T23):
    """Matrix elements of sbar Gamma b for B -> K*: {current: array [3, ...]}, the longitudinal polarisation last."""
    p, k = kinematics(M, m, q2)
    q = p - k
    lam = (M**2 - (m + np.sqrt(q2)) ** 2) * (M**2 - (m - np.sqrt(q2)) ** 2)
    A2 = ((M + m) ** 2 * (M**2 - m**2 - q2) * A1 - 16 * M * m**2 * (M + m) * A12) / lam
    T3 = ((M**2 - m**2) * (M**2 + 3 * m**2 - q2) * T2 - 8 * M * m**2 * (M - m) * T23) / lam
    A3 = ((M + m) * A1 - (M - m) * A2) / (2 * m)
    polarisations = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [k[3] / m, 0, 0, k[0] / m]])
    out = {"P": [], "V": [], "A": [], "T": []}
    for e in polarisations:
        eq = e @ METRIC @ q
        cross = METRIC @ np.einsum(
            "mnrs,n,r,s->m", EPSILON * np.linalg.det(METRIC), e, p, k
        )  # eps_{mnrs}, index raised
        current_V = cross * 2 * V / (M + m)
        current_A = 1j * (e * (M + m) * A1 - (p + k) * eq * A2 / (M + m) - q * eq * 2 * m / q2 * (A3 - A0))
        sigma_q = 1j * cross * 2 * T1
        sigma5_q = T2 * (e * (M**2 - m**2) - eq * (p + k)) + T3 * eq * (q - q2 / (M**2 - m**2) * (p + k))
        out["V"].append(current_V)
        out["A"].append(current_A)
        out["P"].append(1j * (-(q @ METRIC @ current_A) / (mb + ms)))
        out["T"].append(tensor_from_contractions(sigma_q, sigma5_q, np.sqrt(q2)))
    return {name: np.array(value) for name, value in out.items()}


def tensor_from_contractions(sigma_q, sigma5_q, r):
    """Antisymmetric h^{mu nu} from h^{mu nu} q_nu and h5^{mu nu} q_nu in the rest frame of q; h5: of sigma gamma5."""
    # sigma^{0i} gamma5 = c eps_{ijk} sigma^{jk} / 2: find c from the matrices themselves
    c = np.trace(SIGMA[0, 1] @ GAMMA5 @ SIGMA[2, 3]) / np.trace(SIGMA[2, 3] @ SIGMA[2, 3])
    electric, magnetic = -sigma_q[1:] / r, -sigma5_q[1:] / r / c
    h = np.zeros((4, 4), dtype=complex)
    h[0, 1:], h[1:, 0] = electric, -electric
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        h[j + 1, k + 1], h[k + 1, j + 1] = magnetic[i], -magnetic[i]
    return h


def contract(kind, hadron, dark):
    """sum over Lorentz indices -> [..., polarisation, spin, spin]; leading axes of `dark`, if any, are directions."""
    if kind == "density":
        return np.einsum("h,...st->...hst", hadron, dark)
    if kind == "current":
        return np.einsum("hm,...stm->...hst", hadron @ METRIC, dark)
    return np.einsum("hmn,...stmn->...hst", METRIC @ hadron @ METRIC, dark)


@functools.cache
def _fermion_pairs(bilinears, q2, bilinear, *masses):
    """(weights, matrix elements) of all directions, computed once: no hadron and no coupling is in them."""
    weights, values = zip(*bilinears(q2, masses[0], DARK[bilinear][0], *masses[1:]), strict=True)
    return np.array(weights), np.array(values)


def fermion_rate(hadron, q2, mass, couplings, mass_2=None, bilinears=fermion_bilinears):
    """<sum |M|^2> for each polarisation of the hadron, given {operator: complex coupling}."""
    masses = (mass,) if mass_2 is None else (mass, mass_2)
    parts = []
    for name, c in couplings.items():
        current, bilinear = FERMION_OPERATORS[name]
        if current in hadron:
            weights, dark = _fermion_pairs(bilinears, q2, bilinear, *masses)
            parts.append((weights, c * contract(DARK[bilinear][1], hadron[current], dark)))
    return _total(hadron, parts)


def _total(hadron, parts):
    """Sum of amplitudes, squared, summed over spins and averaged over directions."""
    if not parts:
        return np.zeros(len(next(iter(hadron.values()))))
    amplitude = sum(a for _, a in parts)
    return np.einsum("d,dhst->h", parts[0][0], np.abs(amplitude) ** 2)


# operator name -> (quark current, invisible bilinear, its Lorentz structure)
VECTOR_OPERATORS = {f"{q}{name}": (q, name, "density") for q in "SP" for name in ("", "F", "Fd")}
VECTOR_OPERATORS |= {f"{q}{name}": (q, name, "current") for q in "VA" for name in "23456"}
VECTOR_OPERATORS |= {"T1": ("T", "i[XX]", "tensor"), "T2": ("T5", "[XX]", "tensor")}


def vector_bilinear(name, p_1, p_2, e_1, e_2):
    """<X Xbar| ... |0> [3, 3, ...], upper indices: X^dag makes X (e_1*, momentum p_1), X makes the antiparticle.

    d_mu on an outgoing particle is i p_mu; a total derivative i (p_1 + p_2)_mu.
    """
    x, y = e_1.conj(), e_2.conj()
    low = METRIC
    q = p_1 + p_2
    if name == "":
        return np.einsum("sm,mn,tn->st", x, low, y)
    if name in ("F", "Fd"):
        fx, fy = (1j * (np.einsum("m,sn->smn", p, e) - np.einsum("n,sm->smn", p, e)) for p, e in ((p_1, x), (p_2, y)))
        fy_low = np.einsum("tmn,ma,nb->tab", fy, low, low)
        if name == "F":
            return np.einsum("smn,tmn->st", fx, fy_low)
        dual = 0.5 * np.einsum("mnab,tab->tmn", EPSILON, fy_low)
        return np.einsum("smn,ma,nb,tab->st", fx, low, low, dual)
    if name in ("2", "5"):
        first, second = np.einsum("sm,tn->stmn", x, y), np.einsum("sn,tm->stmn", x, y)
        total = 1j * np.einsum("stmn,nr,r->stm", first + second if name == "2" else first - second, low, q)
        return total if name == "2" else 1j * total
    if name in ("3", "6"):
        k = 1j * (p_2 - p_1) if name == "3" else 1j * 1j * q
        return np.einsum("mnrs,n,ir,js->ijm", EPSILON, low @ k, x @ low, y @ low)
    if name == "4":
        return np.einsum("st,m->stm", np.einsum("sm,mn,tn->st", x, low, y), 1j * (1j * p_2 - 1j * p_1))
    commutator = np.einsum("sm,tn->stmn", x, y) - np.einsum("sn,tm->stmn", x, y)
    return {"i[XX]": 0.5j, "[XX]": 0.5}[name] * commutator


def sigma_gamma5(tensor):
    """Matrix elements of sbar sigma^{mu nu} gamma5 b from those of sbar sigma^{mu nu} b, by traces of the matrices."""
    flat = SIGMA.reshape(16, 4, 4)
    basis = np.array([SIGMA[m, n] for m in range(4) for n in range(m + 1, 4)])
    overlap = np.einsum("aij,bij->ab", basis.conj(), basis)
    coefficients = np.linalg.solve(overlap, np.einsum("aij,bij->ab", basis.conj(), flat @ GAMMA5))  # [6, 16]
    independent = np.array([tensor[:, m, n] for m in range(4) for n in range(m + 1, 4)])
    return np.einsum("ah,ab->hb", independent, coefficients).reshape(-1, 4, 4)


@functools.cache
def _vector_pairs(name, q2, mass):
    """As `_fermion_pairs` for X X^dag."""
    weights, values = [], []
    for weight, p_1, p_2 in momenta(q2, mass, mass):
        e_1, e_2 = polarisation_vectors(p_1, mass), polarisation_vectors(p_2, mass)
        weights.append(weight)
        values.append(vector_bilinear(name, p_1, p_2, e_1, e_2))
    return np.array(weights), np.array(values)


def vector_rate(hadron, q2, mass, couplings):
    """The same as `fermion_rate` for X X^dag."""
    currents = hadron | {"T5": sigma_gamma5(hadron["T"])}
    parts = []
    for name, c in couplings.items():
        current, bilinear, kind = VECTOR_OPERATORS[name]
        if current in currents:
            weights, dark = _vector_pairs(bilinear, q2, mass)
            parts.append((weights, c * contract(kind, currents[current], dark)))
    return _total(hadron, parts)


def scalar_rate(hadron, q2, mass, couplings):
    """The same for phi phi^dag: S, P with phi^dag phi; V, A with phi^dag i<->d phi, i.e. (p_1 - p_2)^mu."""
    energy = 0.5 * np.sqrt(q2)
    momentum = np.sqrt(energy**2 - mass**2)
    total = np.zeros(len(hadron["V"]))
    for n, weight in directions():
        current = np.array([0.0, *(2 * momentum * n)])
        amplitude = 0.0
        for name, c in couplings.items():
            if name not in hadron:
                continue
            h = hadron[name]
            amplitude = amplitude + c * (h if name in "SP" else h @ METRIC @ current)
        total = total + weight * np.abs(amplitude) ** 2
    return total
