"""What a terminal may know: the messages between it and the engine, and the client that carries them."""
