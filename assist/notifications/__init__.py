"""The outbox: people are told by the channels that they chose, each message once, tried again until it arrives."""
