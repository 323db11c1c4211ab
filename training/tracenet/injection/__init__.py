"""Injecting artifacts with exactly known boxes and times into real footage."""
