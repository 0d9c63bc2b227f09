"""From what each camera follows to the people of the store: one number a person, whichever cameras see them."""
