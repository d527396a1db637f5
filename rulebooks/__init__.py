"""The starter rulebook, the demo network and the letters: data, no code."""
