"""What we claim about speed, as programs that print a ratio: what Amends does against the least anybody could do."""
