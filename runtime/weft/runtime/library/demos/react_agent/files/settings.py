"""All waiting times, in seconds."""

SECONDS = {
    "download": 30,
    # Large files over slow lines: see ticket 812.
    "upload": 600,
}
