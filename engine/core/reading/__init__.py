"""The parts of the loader: findings, texts, structure checks, SpiffWorkflow's extended parser, and the pass to `Definition`."""
