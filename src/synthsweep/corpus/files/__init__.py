"""Files of rows as people have them, read as they are written: encoding, CSV, JSON."""
