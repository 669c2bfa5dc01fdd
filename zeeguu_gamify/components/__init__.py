"""The pieces that learners see: custom elements, their texts and art, served as static files."""
