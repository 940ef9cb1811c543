"""Control of the ice plant: compressor, pump and night mode."""

import time

# The ice temperature is measured every 60 seconds.
MEASURE_SECONDS = 60

# The air temperature in the hall is measured every 300 seconds, because it changes slowly.
AIR_SECONDS = 300


def night_mode(hour, minute):
    """Night mode starts at 22:00 and ends at six in the morning."""
    return hour >= 22 or hour < 6


def after_power_cut(compressor, panel):
    """The compressor never restarts by itself after a power cut.

    The engineer has to press the start button in the panel.
    """
    compressor.stop()
    panel.ask_engineer("Start the compressor?")


class Manual:
    # Manual mode is off by default.
    enabled = False


def loop(sensor, store):
    while True:
        store.add(sensor.read())
        time.sleep(MEASURE_SECONDS)
