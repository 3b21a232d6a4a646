"""The page of a mailed link, on which people answer what runs ask them."""
