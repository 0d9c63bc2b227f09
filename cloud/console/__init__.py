"""The operator's console: pages for a browser, made here, with nothing from elsewhere.

Each page asks the API as the person who is signed in, through the same door as everybody: what they may see and do is
decided there, and written down there. Nothing here reads the database.
"""
