"""Runbooks: what they may say, and the pure machine that steps through them."""
