"""A run in forms that others read, each a fold of its journal.

rows      agents as records, one for each; what of them is content, and what is not
when      from times of a run to times of the wall
markdown  a report for people
perfetto  a trace that ui.perfetto.dev opens
tracing   spans of OpenTelemetry, of a run that is over or while it goes on; `said` is what they say
measures  the same as measures, of a run that goes on
steps     what one agent has asked and read, for both
conventions  the names under which all of that is sent
otlp      who they are sent to; `counting` is what came of that

The page that a browser opens from disk is `serving.onefile`, for it is that of the dashboard.
"""
