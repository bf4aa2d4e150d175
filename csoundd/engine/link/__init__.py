"""The link between the front and its child: a stream of messages, and memory that they share."""
