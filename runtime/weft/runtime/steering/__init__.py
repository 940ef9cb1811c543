"""Commands from other terminals to a run that goes on: `socket` brings them here, `apply` carries them out."""
