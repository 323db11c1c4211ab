"""Figures of the report: one module a concern, all from raw outputs of the exported model."""
