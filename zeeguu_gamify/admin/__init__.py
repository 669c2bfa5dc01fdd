"""The panel for the host's admins, at /gamify/admin: it answers "why?", and changes with care.

Imported only where GAMIFY_ADMIN is on, because it needs WTForms.
"""
