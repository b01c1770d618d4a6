"""What readers are told: composed from the state, carried by senders, each letter once as far as anybody can know."""
