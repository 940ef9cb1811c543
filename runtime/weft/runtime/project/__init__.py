"""The `.weft` folder of a project and what lies in it: runs, saved harnesses, plans; and what `weft.toml` says."""
