"""What a run came to, as tables: points that add up, weights, treatments, the rule book."""
