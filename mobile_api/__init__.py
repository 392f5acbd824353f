"""The HTTP edge and composition root: decode, authorise, call one service, encode."""
