"""Tools that work on the files of a data folder: verify, inspect, replay, backup, restore.

None of them asks a server anything, and all but backup and restore write nothing at all. They may
be used on the folder of a running server: what it has not made durable yet is none of theirs.
"""
