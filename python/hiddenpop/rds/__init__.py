"""What recruitment by peers says beyond shares and means."""
