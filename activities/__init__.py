"""One class per outside party; the port it needs is a Protocol beside it."""
