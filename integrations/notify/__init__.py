"""Channels by which people are told something: one file a vendor, all obeying `message.Channel`."""
