"""The compiled module of the enums that codes.pxd defines."""
