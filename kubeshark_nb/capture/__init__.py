"""Where frames come from: capture files, pipes, live interfaces.

`open_source` is the door; everything behind it gives `kubeshark_nb.traffic.Batch`.
"""

from kubeshark_nb.capture.source import Source, open_source

__all__ = ["Source", "open_source"]
