"""What the engine delivers, as numbered streams, to whoever subscribed, as fast as each can take it."""
