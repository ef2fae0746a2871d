"""The model language: schema, loader with positions, expressions, tables, dated parameters."""
