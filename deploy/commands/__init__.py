"""The commands of `./rollbook`, one module each: `add` declares the options, `run` does it."""
