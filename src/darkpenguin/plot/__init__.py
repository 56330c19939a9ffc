"""Pictures of saved results: a result goes in, Axes come out, no physics is computed."""
