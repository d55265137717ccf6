"""How long a press takes to the board, measured on the processes of server mode: `python -m bench`."""
