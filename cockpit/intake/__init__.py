"""What other systems alarm about: asked of them, or told by them."""
