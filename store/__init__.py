"""The register: what PostgreSQL remembers, and the only place that speaks SQL."""
