"""The contract in no language, made from the declared API: what ``protocol/`` holds beside its hand-written pages.

It takes ``csoundd.api`` and the codecs and hands on documents: OpenRPC, AsyncAPI, the errors, reference pages,
golden exchanges, and the stubs of the Python client. ``python -m csoundd.contract protocol`` writes them.
"""
