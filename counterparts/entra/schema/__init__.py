"""The resource types: their properties, what a filter may ask of each, what an answer has by default."""
