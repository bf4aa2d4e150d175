"""Stage 5 and 6: what the engine delivers, as numbered streams, to whoever subscribed, as fast as each can take it."""
