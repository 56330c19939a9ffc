"""Hadron side, invisible side, and the one master formula that contracts them."""
