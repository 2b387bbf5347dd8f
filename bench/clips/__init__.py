"""Hard clips made from real footage, with labels, and their measurement; bench/situations.py is the command."""
