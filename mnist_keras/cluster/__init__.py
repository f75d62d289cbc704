"""Beyond one device: networks that train on several together, and jobs of a cluster."""
