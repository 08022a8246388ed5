"""What is measured, one module a section; each makes its own servers and ends them.

Shape: `measure(sizes)` yields lines as they are known; `PEERS` names what must be importable.
"""
