"""The truth of a simulated world, told from its own memory: never from the logs, never by the models' code.

Every table is told as a warehouse could know it at best: by the lines that came into the logs and by the clocks that
wrote them. Where lines were lost or clocks were wrong, it is told a second time, as it happened.
"""
