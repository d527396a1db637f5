"""The HTTP API: people and outside systems speak to the processes here, and read the register."""
