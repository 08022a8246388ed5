"""Tables of the franchise: letters on both sides, and what a headquarters keeps."""
