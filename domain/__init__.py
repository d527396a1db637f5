"""The rules of redress, pure: no I/O, no clock of its own (`now` is an argument), no framework imported."""
