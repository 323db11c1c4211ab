"""Failure cases of a model with pictures: which clips, how they are drawn, what is written beneath."""
