"""Renders as jobs: kept on disk, done one after another, and told of while they are."""
