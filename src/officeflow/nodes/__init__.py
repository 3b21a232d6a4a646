"""The node types, ONE FILE PER NODE TYPE, in a folder per family.

A new file is enough: the catalog finds it.
"""
