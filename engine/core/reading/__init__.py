"""The parts of the loader: findings, texts, structure checks, SpiffWorkflow's extended parser, and the pass to `Definition`.

Decoration, read by people and designers and by nothing here: diagrams, categories, groups, text annotations, documentation
of anything but nodes, auditing and monitoring, data objects, data stores and properties, input and output specifications
without associations, item definitions, interfaces and operations, participants and message flows, resources, and
extensions of other vendors unless `mustUnderstand` is set. Everything else is read, or the model is refused.
"""
