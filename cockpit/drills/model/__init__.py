"""What a scenario may say, version 1: a small world, what goes wrong in it, and who has played it how."""
