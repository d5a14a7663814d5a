"""The main job: ingest, turn, deliver. Joined by jobs that commit with the data."""
