"""The back end of the dashboard: runs of some projects over HTTP, on this machine alone. `weft serve` starts it.

app         the table of routes, and the application that they make
guard       who may ask: host, origin, token, read-only; the headers that every answer has
replies     answers as JSON, without secrets; errors as answers
asked       what a request asks for: project, run, amounts, the body
reading     what is told of runs, agents, and the library; studying what is found out of them
told        the same as data, without a server
onefile     a run as one file: its page with all that is told of it
streaming   what changes of a run while somebody looks on
changing    what is told to runs, and runs that are begun
plans       plans of tasks: written, changed and started by the command `weft` in processes of their own
projects    the projects that are served, and their runs
feeds       one reader of each run's journal, for all who look on
summaries   runs in short, for the list of them
live        a run as it stands, in a form of which single parts can be sent again
tickets     cookies, which hold also after the server was started again
server      the socket, and what happens from start to end
static      the pages, built by `make pages` of their sources in `dashboard/`

What is told is read from journals with the fold and the views that the command line has; what is told to a run goes
the way that its commands go. Nothing in here can hold up a run: it is another process.
"""
