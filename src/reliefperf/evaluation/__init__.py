"""From indicators to points, score, grade and rank."""
