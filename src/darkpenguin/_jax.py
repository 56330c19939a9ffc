"""The one place that touches JAX's process-wide settings: every number in darkpenguin is float64."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

__all__ = ["jax", "jnp"]
