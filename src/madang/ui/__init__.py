"""The page shell, components, charts and maps; knows no domain word."""
