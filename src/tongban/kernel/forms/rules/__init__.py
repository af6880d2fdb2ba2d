"""What a form is and how answers are read, decided and shown: pure Python, no Django, no database, no clock."""
