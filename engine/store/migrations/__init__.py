"""The schema through time. Run by `engine.store.schema.migrate`."""
