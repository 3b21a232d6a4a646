"""What the people of an organization should have in its systems, by rules that it keeps."""
