"""What every process of ours has around its work, on one machine or in containers."""
