"""The writing: how what happens comes into log files, and what goes wrong on the way."""
