"""Webhooks by Standard Webhooks: fanned out of the outbox, signed, sent for days if need be."""
