"""Items kept on disk in immutable segments, queried, paged and exported.

`writer.SegmentWriter` runs where items are made, `items.open_items` where they are looked at; they share nothing but a
folder. How the files look stands in `segment`, which columns they have in `schema`.
"""
